/** A new `pause: true` behind an item of a list, as the list is written: in brackets, or an item on a line of its own. Pure. */
import { isCollection, isPair, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TextEdit } from '../promote/manifest-text.js';

/** Undefined where there is no line that a new item could follow. */
export function insertPause(text: string, list: YAMLSeq, after: YAMLMap): TextEdit | undefined {
  return list.flow === true ? intoBrackets(text, after) : asLine(text, after);
}

/** With the quotes of JSON where the item before has them. */
function intoBrackets(text: string, { range }: YAMLMap): TextEdit | undefined {
  if (range === null || range === undefined) return undefined;
  const source = text.slice(range[0], range[1]);
  const [open, close] = source.startsWith('{ ') ? ['{ ', ' }'] : ['{', '}'];
  const pair = /^\{\s*"/.test(source) ? '"pause": true' : 'pause: true';
  return { start: range[1], end: range[1], by: `, ${open}${pair}${close}` };
}

/** Behind the last line of the item, a comment at its end included. */
function asLine(text: string, after: YAMLMap): TextEdit | undefined {
  const start = after.range?.[0];
  const end = lastEnd(after);
  if (start === undefined || end === undefined) return undefined;
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const dash = /^ *-[ \t]+/.exec(line)?.[0];
  if (dash === undefined) return undefined;
  const newline = text.indexOf('\n', end);
  const isCrlf = newline < 0 ? text.includes('\r\n') : text[newline - 1] === '\r';
  const eol = isCrlf ? '\r\n' : '\n';
  const item = `${dash}${pairIn(text, after)}`;
  if (newline < 0) return { start: text.length, end: text.length, by: `${eol}${item}` };
  return { start: newline + 1, end: newline + 1, by: `${item}${eol}` };
}

/** `{ pause: true }` where the item before has braces, `pause: true` where it has none. */
function pairIn(text: string, { flow, range }: YAMLMap): string {
  if (flow !== true) return 'pause: true';
  return text.startsWith('{ ', range?.[0]) ? '{ pause: true }' : '{pause: true}';
}

/** Where the last value ends: a block's own range also has the comments behind it. */
function lastEnd(node: unknown): number | undefined {
  if (isPair(node)) return lastEnd(node.value ?? node.key);
  if (isCollection(node) && node.flow !== true) return lastEnd(node.items.at(-1));
  return (node as Node | null | undefined)?.range?.[1];
}
