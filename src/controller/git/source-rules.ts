/** The rules of source.yaml in words, and those that JSON Schema has no keyword for. */
import type { ErrorObject, FuncKeywordDefinition, SchemaValidateFunction } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import { parseBytes, parseMs } from './quantity.js';

interface Range {
  readonly minimum: string;
  readonly maximum: string;
}

export const QUANTITY_KEYWORDS: FuncKeywordDefinition[] = [
  quantity('x-duration', parseMs),
  quantity('x-size', parseBytes),
];

const TYPES: Readonly<Record<string, string>> = {
  string: 'text (put it in quotes)',
  object: 'a mapping',
  boolean: 'true or false',
};
const LONGEST_SHOWN = 60;

/** The broken rule, with the value where it is no address, which may hold a secret. */
export function ruleOf(error: ErrorObject): string {
  const { keyword, params, parentSchema, data } = error;
  const own = parentSchema?.['x-rule'] as string | undefined;
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return unknownKey(params['additionalProperty'] as string, parentSchema?.['properties'] as object);
    case 'type':
      return `must be ${[params['type'] as string | string[]]
        .flat()
        .map((type) => TYPES[type] ?? type)
        .join(' or ')}${got(data)}`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as string[]).join(', ')}${got(data)}`;
    case 'minLength':
      return 'must not be empty';
    case 'not':
      return own ?? 'is not allowed';
    default:
      return `${keyword.startsWith('x-') ? (error.message ?? '') : (own ?? error.message ?? '')}${got(data)}`;
  }
}

function unknownKey(key: string, properties: object): string {
  const near = closest(key, Object.keys(properties));
  return distance(key, near) <= 3 ? `is not a known key, did you mean \`${near}\`?` : 'is not a known key';
}

function got(value: unknown): string {
  if (typeof value === 'object') return value === null ? ' (got nothing)' : '';
  const text = JSON.stringify(value) ?? 'nothing';
  return ` (got ${text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`})`;
}

/** Measured within a range; what cannot be measured breaks the property's own rule. */
function quantity(
  keyword: string,
  parse: (value: number | string) => number | undefined,
): FuncKeywordDefinition {
  const validate: SchemaValidateFunction = (range: Range, value: number | string, parent) => {
    const message = refusal(parse, range, value) ?? undefined;
    const words = message === '' ? String(parent?.['x-rule']) : message;
    validate.errors = words === undefined ? [] : [{ keyword, message: words, params: {} }];
    return words === undefined;
  };
  return { keyword, type: ['number', 'string'], validate, errors: true };
}

/** Empty for what cannot be measured. */
function refusal(
  parse: (value: number | string) => number | undefined,
  { minimum, maximum }: Range,
  value: number | string,
): string | undefined {
  const amount = parse(value);
  if (amount === undefined) return '';
  if (amount < (parse(minimum) ?? 0)) return `must be >= ${minimum}`;
  return amount > (parse(maximum) ?? Infinity) ? `must be <= ${maximum}` : undefined;
}
