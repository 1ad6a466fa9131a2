/** The rules of source.yaml in words. */
import type { ErrorObject } from 'ajv';
import { suggestWord } from './suggest-word.js';

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
  const near = suggestWord(key, Object.keys(properties));
  return near === undefined ? 'is not a known key' : `is not a known key, did you mean \`${near}\`?`;
}

function got(value: unknown): string {
  if (typeof value === 'object') return value === null ? ' (got nothing)' : '';
  const text = JSON.stringify(value) ?? 'nothing';
  return ` (got ${text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`})`;
}
