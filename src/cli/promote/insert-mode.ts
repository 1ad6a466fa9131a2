/** Where a service has no `mode` key yet: the place and the text of a new one, in block and in flow style. Pure. */
import { isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Mode } from '../../reconcilers/desired/stack-spec.js';
import type { TextEdit } from './manifest-text.js';

/** People look for it near these. */
const NEIGHBOURS = ['port', 'image', 'name', 'version'];

/** Undefined where there is no line that a new one could follow. */
export function insertMode(text: string, map: YAMLMap, mode: Mode): TextEdit | undefined {
  return map.flow === true ? intoBraces(text, map, mode) : afterLine(text, map, mode);
}

/** As the first key; quoted where the others are, so that JSON stays JSON. */
function intoBraces(text: string, map: YAMLMap, mode: Mode): TextEdit | undefined {
  const brace = map.range?.[0];
  if (brace === undefined || text[brace] !== '{') return undefined;
  const after = brace + 1;
  const spaces = /^ */.exec(text.slice(after))?.[0] ?? '';
  const first = map.items[0]?.key;
  const isJson = isScalar(first) && first.type === 'QUOTE_DOUBLE';
  const pair = isJson ? `"mode": "${mode}"` : `mode: ${mode}`;
  const isLineEnd = /^[#\r\n]/.test(text.slice(after + spaces.length));
  const at = isLineEnd ? after : after + spaces.length;
  return { start: at, end: at, by: isLineEnd ? ` ${pair},` : `${pair}, ` };
}

/** A line of its own after a neighbour's, with its indentation and line end. */
function afterLine(text: string, map: YAMLMap, mode: Mode): TextEdit | undefined {
  const places = map.items.flatMap((pair) => placeOf(text, pair));
  const place =
    NEIGHBOURS.map((name) => places.find(({ key }) => key === name)).find((found) => found !== undefined) ??
    places[0];
  if (place === undefined) return undefined;
  const newline = text.indexOf('\n', place.valueEnd);
  const isCrlf = newline < 0 ? text.includes('\r\n') : text[newline - 1] === '\r';
  const eol = isCrlf ? '\r\n' : '\n';
  if (newline < 0) return { start: text.length, end: text.length, by: `${eol}${place.indent}mode: ${mode}` };
  return { start: newline + 1, end: newline + 1, by: `${place.indent}mode: ${mode}${eol}` };
}

interface Place {
  readonly key: unknown;
  readonly indent: string;
  readonly valueEnd: number;
}

/** A key alone at the start of its line with a scalar or an alias; blocks and collections have more lines of their own. */
function placeOf(text: string, { key, value }: Pair): readonly Place[] {
  const start = (key as Node | null)?.range?.[0];
  const valueEnd = (value as Node | null)?.range?.[1];
  const isBlock = isScalar(value) && String(value.type).startsWith('BLOCK_');
  if (!isScalar(key) || start === undefined || valueEnd === undefined || isBlock) return [];
  if (typeof value === 'object' && value !== null && 'items' in value) return [];
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^ *$/.test(indent) ? [{ key: key.value, indent, valueEnd }] : [];
}
