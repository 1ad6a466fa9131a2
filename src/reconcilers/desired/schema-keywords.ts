/** The schema's own keywords: rules that JSON Schema has no words for, each with the sentence that it is refused with. */
import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv';
import { parseByteSize } from './byte-size.js';
import { parseDuration } from './duration.js';
import { parseMount } from './parse-mount.js';
import { splitCommand } from './split-command.js';
import { refuseTmpfs } from './tmpfs-options.js';

interface Range {
  readonly minimum: string;
  readonly maximum?: string;
}

/** Annotations: they tell people and the docs something, and judge nothing. */
export const ANNOTATIONS = [
  'x-rule',
  'x-unit',
  'x-default',
  'x-not-yet',
  'x-instead',
  'x-characters',
  'x-below',
];

export const KEYWORDS: FuncKeywordDefinition[] = [
  keyword('x-duration', ['number', 'string'], refuseOutside(parseDuration)),
  keyword('x-size', ['number', 'string'], refuseOutside(parseByteSize)),
  keyword('x-mount', ['string'], (_: unknown, value: string) => {
    const result = parseMount(value);
    return 'refusal' in result ? result.refusal : undefined;
  }),
  keyword('x-tmpfs', ['string'], (_: unknown, value: string) => refuseTmpfs(value)),
  keyword('x-command', ['string'], (_: unknown, value: string) => {
    const words = splitCommand(value);
    if (words === undefined) return 'has a quote that is not closed, or ends in a backslash';
    return words.length === 0 ? 'must not be empty' : undefined;
  }),
];

/** Judges a measured value: one that cannot be parsed breaks the property's own rule, its `x-rule`. */
function refuseOutside(parse: (value: number | string) => number | undefined) {
  return ({ minimum, maximum }: Range, text: string | number, rule: string): string | undefined => {
    const value = parse(text);
    if (value === undefined) return rule;
    if (value < (parse(minimum) ?? 0)) return `must be >= ${minimum}`;
    return maximum !== undefined && value > (parse(maximum) ?? Infinity)
      ? `must be <= ${maximum}`
      : undefined;
  };
}

/** A keyword whose `refuse` gives the broken rule in words, or undefined. */
function keyword<Schema, Value>(
  name: string,
  type: ('number' | 'string')[],
  refuse: (schema: Schema, value: Value, rule: string) => string | undefined,
): FuncKeywordDefinition {
  const validate: SchemaValidateFunction = (schema: Schema, value: Value, parent) => {
    const message = refuse(schema, value, String(parent?.['x-rule']));
    validate.errors = message === undefined ? [] : [{ keyword: name, message, params: {} }];
    return message === undefined;
  };
  return { keyword: name, type, validate, errors: true };
}
