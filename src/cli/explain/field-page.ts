/** A field's documentation as people read it: a page, or with `--recursive` the tree of what is under it. Pure. */
import { indented, type Paint } from '../basics/talk.js';
import type { FieldDoc } from './field-doc.js';
import { wrapped } from './wrapped.js';

export interface PageOptions {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

/** Type, unit, default, what is allowed, an example, and the keys under it. */
export function fieldPage(doc: FieldDoc, { paint, width }: PageOptions): string {
  const facts = factsOf(doc).map(([name, value]) => `  ${paint('dim', name.padEnd(9))} ${value}`);
  const blocks = [
    paint('bold', doc.field === '' ? 'manifest.yaml' : doc.field),
    wrapped(doc.description, { width, indent: 2 }),
    facts.join('\n'),
    ...(doc.example === undefined ? [] : [`${paint('bold', 'Example')}\n${indented(doc.example, '  ')}`]),
    ...(doc.fields.length === 0 ? [] : [keysOf(doc.fields, { paint, width })]),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function factsOf(doc: FieldDoc): readonly (readonly [string, string])[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['type', doc.type],
    ['unit', doc.unit],
    ['required', doc.required ? 'yes' : undefined],
    ['default', defaultWords(doc)],
    ['allowed', allowedWords(doc)],
    ['rule', doc.rule],
    ['state', doc.deprecated ? 'deprecated' : undefined],
  ];
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
}

function defaultWords({ default: value }: FieldDoc): string | undefined {
  if (value === undefined) return undefined;
  if (value === '') return '(empty)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function allowedWords({ values, minimum, maximum }: FieldDoc): string | undefined {
  if (values !== undefined) return values.map(String).join(', ');
  if (minimum === undefined) return undefined;
  return maximum === undefined ? `${String(minimum)} or more` : `${String(minimum)} to ${String(maximum)}`;
}

function keysOf(fields: readonly FieldDoc[], { paint, width }: PageOptions): string {
  const lines = fields.map((doc) => {
    const about = wrapped(doc.description, { width, indent: 6 });
    return `  ${paint('cyan', lastWord(doc))}  ${paint('dim', shortFacts(doc))}${about === '' ? '' : `\n${about}`}`;
  });
  return `${paint('bold', 'Keys')}\n${lines.join('\n')}`;
}

/** `duration, default 60s`. */
function shortFacts(doc: FieldDoc): string {
  const value = defaultWords(doc);
  const rest = doc.required ? ', required' : value === undefined ? '' : `, default ${value}`;
  const values = doc.values === undefined ? doc.type : doc.values.map(String).join(' | ');
  return `${values}${rest}${doc.deprecated ? ', deprecated' : ''}`;
}

function lastWord({ field }: FieldDoc): string {
  return field.split('.').at(-1) ?? field;
}

/** One line per field, children indented; the types stand in one column. */
export function fieldTree(doc: FieldDoc, { paint }: PageOptions): string {
  const rows = treeRows(doc.fields, doc.field === '' ? 0 : 1);
  const top = doc.field === '' ? [] : [{ depth: 0, doc }];
  const all = [...top, ...rows];
  const column = Math.max(...all.map((row) => row.depth * 2 + nameIn(row).length)) + 2;
  return all
    .map((row) => {
      const indent = ' '.repeat(row.depth * 2);
      const gap = ' '.repeat(column - indent.length - nameIn(row).length);
      return `${indent}${paint('cyan', nameIn(row))}${gap}${paint('dim', shortFacts(row.doc))}`;
    })
    .join('\n');
}

interface Row {
  readonly depth: number;
  readonly doc: FieldDoc;
}

function treeRows(fields: readonly FieldDoc[], depth: number): readonly Row[] {
  return fields.flatMap((doc) => [{ depth, doc }, ...treeRows(doc.fields, depth + 1)]);
}

/** The whole path at the top, the last word under it. */
function nameIn({ depth, doc }: Row): string {
  return depth === 0 ? doc.field : lastWord(doc);
}
