/** What there is to say about a field, as `-o json` prints it (schema/explain.schema.json). Pure. */
import { exampleOf } from './examples.js';
import type { Field } from './find-field.js';
import { childrenOf, type Range, type SchemaNode } from './schema-node.js';

export interface FieldDoc {
  readonly field: string;
  readonly type: string;
  readonly description: string;
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly unit?: string;
  /** In words where the schema says it in words. */
  readonly default?: unknown;
  readonly values?: readonly unknown[];
  readonly minimum?: string | number;
  readonly maximum?: string | number;
  /** What a value must be, in words. */
  readonly rule?: string;
  /** YAML, from the top of the manifest. */
  readonly example?: string;
  readonly fields: readonly FieldDoc[];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
  array: 'list',
  null: 'nothing',
};

/** With all that is under it. */
export function fieldDoc(field: Field): FieldDoc {
  const { path, node, required } = field;
  const { minimum, maximum } = rangeOf(node);
  const example = exampleOf(field);
  return {
    field: path,
    type: typeWords(node),
    description: node.description ?? '',
    required,
    deprecated: node.deprecated === true,
    ...defined('unit', node['x-unit']),
    ...defined('default', required ? undefined : defaultOf(node)),
    ...defined('values', node.enum),
    ...defined('minimum', minimum),
    ...defined('maximum', maximum),
    ...defined('rule', node['x-rule']),
    ...defined('example', example),
    fields: childFields(field).map(fieldDoc),
  };
}

function childFields({ path, node }: Field): readonly Field[] {
  return childrenOf(node).map(([name, child]) => ({
    path: path === '' ? name : `${path}.${name}`,
    node: child,
    required: node.required?.includes(name) === true,
  }));
}

function defined<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: T });
}

function typeWords(node: SchemaNode): string {
  if (node['x-duration'] !== undefined) return 'duration';
  return node['x-size'] === undefined ? typeNames(node).join(' or ') : 'size';
}

/** The types as people call them; `false` for a boolean that may not be true. */
export function typeNames({ type, not }: SchemaNode): readonly string[] {
  const isFalseOnly = not?.const === true;
  return [type ?? []]
    .flat()
    .map((name) => (name === 'boolean' && isFalseOnly ? 'false' : (TYPES[name] ?? name)));
}

/** Of numbers, durations and sizes alike. */
export function rangeOf(node: SchemaNode): Range {
  return node['x-duration'] ?? node['x-size'] ?? node;
}

/** A mapping's default is its children's. */
function defaultOf(node: SchemaNode): unknown {
  if (node['x-default'] !== undefined) return node['x-default'];
  return node.properties !== undefined && JSON.stringify(node.default) === '{}' ? undefined : node.default;
}
