/** The manifest's schema as a tree of fields: references followed, one shape for a service wherever it stands. Pure but for reading the schema. */
import { readPackageJson } from '../../package-files.js';

export interface Range {
  readonly minimum?: string | number;
  readonly maximum?: string | number;
}

/** What `explain` reads of a JSON Schema. */
export interface SchemaNode extends Range {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly not?: { readonly const?: unknown };
  readonly then?: SchemaNode;
  readonly deprecated?: boolean;
  readonly maxLength?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly 'x-unit'?: string;
  readonly 'x-default'?: string;
  readonly 'x-rule'?: string;
  readonly 'x-duration'?: Range;
  readonly 'x-size'?: Range;
  readonly 'x-not-yet'?: readonly string[];
}

interface Schema extends SchemaNode {
  readonly $defs: Readonly<Record<string, SchemaNode>>;
}

const SCHEMA = readPackageJson('schema/manifest.schema.json') as Schema;

/** The manifest itself. */
export const ROOT: SchemaNode = SCHEMA;

/**
 * The node with what it refers to; what stands in the node itself wins. `services` is one service, which also says its keys; so does
 * the item of a list of mappings.
 */
export function resolveNode(node: SchemaNode): SchemaNode {
  const definition = SCHEMA.$defs[node.$ref?.split('/').at(-1) ?? ''];
  const { then, ...own } = node;
  const { properties } = node.items === undefined ? {} : resolveNode(node.items);
  const item = properties === undefined ? undefined : { properties };
  const bases = [definition, then, item].filter((base) => base !== undefined).map(resolveNode);
  const required = [...bases, own].flatMap((part) => part.required ?? []);
  return Object.assign({}, ...bases, own, required.length === 0 ? {} : { required }) as SchemaNode;
}

/** A field's children by name, in the schema's order. */
export function childrenOf(node: SchemaNode): readonly (readonly [string, SchemaNode])[] {
  return Object.entries(node.properties ?? {}).map(([name, child]) => [name, resolveNode(child)]);
}

/** Every field's path, parents before children. */
export function allPaths(node: SchemaNode = ROOT, prefix = ''): readonly string[] {
  return childrenOf(node).flatMap(([name, child]) => [
    `${prefix}${name}`,
    ...allPaths(child, `${prefix}${name}.`),
  ]);
}
