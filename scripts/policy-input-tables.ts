/** The input of policies as tables, from schema/policy-input.schema.json: one per object, in the order of the schema. Pure. */

export interface InputNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, InputNode>>;
  readonly required?: readonly string[];
  readonly items?: InputNode;
  readonly additionalProperties?: InputNode | boolean;
}

export interface InputSchema extends InputNode {
  readonly $defs: Readonly<Record<string, InputNode>>;
}

/** Objects that stand in more than one place have a table of their own. */
const SHARED: Readonly<Record<string, string>> = {
  imageRef: 'An image',
  trackFacts: 'A track',
  evidence: 'Evidence',
  windowTally: 'A track in a window',
};

/** Markdown. */
export function inputTables(schema: InputSchema): string {
  const parts = Object.entries(schema.properties ?? {}).filter(([, node]) => isPart(node));
  const shared = Object.entries(SHARED).map(([name, title]) =>
    section(title, schema.$defs[name] ?? {}, { schema, prefix: '' }),
  );
  return [
    section('At the top', schema, { schema, prefix: '' }),
    ...parts.map(([name, node]) =>
      section(`\`${name}\``, resolved(schema, node), { schema, prefix: `${name}.` }),
    ),
    ...shared,
  ].join('\n\n');
}

/** An object that the top only refers to. */
function isPart({ $ref }: InputNode): boolean {
  return $ref !== undefined;
}

interface Place {
  readonly schema: InputSchema;
  /** Of the names of this table. */
  readonly prefix: string;
}

function section(title: string, node: InputNode, place: Place): string {
  const about = node === place.schema ? '' : `${node.description ?? ''}\n\n`;
  const table = rows(node, place).map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  return `### ${title}\n\n${about}| fact | value | what it is |\n|---|---|---|\n${table.join('\n')}`;
}

function rows(node: InputNode, place: Place): readonly (readonly string[])[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const { schema, prefix } = place;
    const fact = resolved(schema, property);
    const isAlways = node.required?.includes(name) === true;
    const value = `${valueWords(schema, property)}${isAlways ? '' : ', or absent'}`;
    const row = [`\`${prefix}${name}\``, value, descriptionOf(property, fact)];
    const isElsewhere = isPart(property) && (node === schema || sharedTitle(property) !== undefined);
    return isElsewhere ? [row] : [row, ...innerRows(fact, { schema, prefix: `${prefix}${name}` })];
  });
}

/** Of an object, or of each object of a list. */
function innerRows(fact: InputNode, { schema, prefix }: Place): readonly (readonly string[])[] {
  if (fact.properties !== undefined) return rows(fact, { schema, prefix: `${prefix}.` });
  return fact.items?.properties === undefined ? [] : rows(fact.items, { schema, prefix: `${prefix}[].` });
}

function valueWords(schema: InputSchema, property: InputNode): string {
  const title = sharedTitle(property);
  if (title !== undefined) return `[${title.toLowerCase()}](#${title.toLowerCase().replaceAll(' ', '-')})`;
  const fact = resolved(schema, property);
  if (fact.enum !== undefined) return fact.enum.map((word) => `\`${word}\``).join(', ');
  if (fact.type === 'array') return `list of ${itemWords(fact.items)}`;
  return TYPES[fact.type ?? ''] ?? fact.type ?? 'anything';
}

const TYPES: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false' };

function itemWords(items: InputNode | undefined): string {
  return items?.type === 'string' ? 'texts' : `${items?.type ?? 'value'}s`;
}

function sharedTitle({ $ref }: InputNode): string | undefined {
  return SHARED[$ref?.replace('#/$defs/', '') ?? ''];
}

function descriptionOf(property: InputNode, fact: InputNode): string {
  return property.description ?? fact.description ?? '';
}

function resolved({ $defs }: InputSchema, node: InputNode): InputNode {
  return node.$ref === undefined ? node : ($defs[node.$ref.replace('#/$defs/', '')] ?? {});
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
