/**
 * Changes one service's `mode` in a manifest's text and nothing else: comments, quotes, anchors, order and line ends stay.
 * Pure; what it cannot change without changing more, it refuses with a sentence.
 */
import { isDeepStrictEqual } from 'node:util';
import { isAlias, isScalar, type Scalar } from 'yaml';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';
import type { Mode, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { insertMode } from './insert-mode.js';
import { asPlain, editedBytes, keyOf, lineOf, serviceMap, textOf, type TextEdit } from './manifest-text.js';

export type ModeEdit =
  | { readonly kind: 'edited'; readonly bytes: Buffer; readonly from: Mode; readonly line: number }
  | { readonly kind: 'unchanged' }
  /** Why not, in words. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Wish {
  readonly service: string;
  readonly mode: Mode;
}

/** `bytes` are those of a valid manifest that describes `stack`. */
export function editMode(bytes: Buffer, stack: StackSpec, wish: Wish): ModeEdit {
  const from = stack.services.find(({ name }) => name === wish.service)?.mode;
  if (from === undefined) return refused(`there is no service ${wish.service}`);
  if (from === wish.mode) return { kind: 'unchanged' };
  const text = textOf(bytes);
  const edit = editOf(text, wish, from);
  if (typeof edit === 'string') return refused(edit);
  const edited = editedBytes(bytes, [edit]);
  const why = changesMore(edited, stack, wish);
  if (why !== undefined) return refused(why);
  return { kind: 'edited', bytes: edited, from, line: lineOf(text, edit) };
}

function refused(why: string): ModeEdit {
  return { kind: 'refused', why };
}

/** The edit of a text that says `from`, or why there is none. */
export function editOf(text: string, wish: Wish, from: Mode): TextEdit | string {
  const map = serviceMap(text, wish.service);
  if (map === undefined)
    return `service ${wish.service} is written as an alias: write it out, then promote it`;
  const pair = map.items.find((item) => keyOf(item) === 'mode');
  if (pair === undefined)
    return insertMode(text, map, wish.mode) ?? `found no place for a mode key in service ${wish.service}`;
  if (isAlias(pair.value))
    return `the mode of ${wish.service} is an alias (*${pair.value.source}): write the word itself, then promote it`;
  return isScalar(pair.value)
    ? replaceWord(text, pair.value as Scalar.Parsed, { from, to: wish.mode })
    : 'mode is not a word';
}

/** The word inside its quotes or its block; what is written by escapes is written anew. */
function replaceWord(
  text: string,
  { range }: Scalar.Parsed,
  { from, to }: { readonly from: Mode; readonly to: Mode },
): TextEdit {
  const [start, end] = range;
  const source = text.slice(start, end);
  const at = source.lastIndexOf(from);
  if (at >= 0) return { start: start + at, end: start + at + from.length, by: to };
  const quote = source[0] ?? '';
  return { start, end, by: `${quote}${to}${quote}` };
}

/** Anchors and merges can make one word speak for two services: what is promoted is what was named, alone. */
function changesMore(edited: Buffer, before: StackSpec, { service, mode }: Wish): string | undefined {
  const result = loadManifest(edited, 'manifest');
  if (!result.ok) return 'the manifest is written in a way that this edit would break: change mode by hand';
  const wanted = before.services.map((spec) => (spec.name === service ? { ...spec, mode } : spec));
  if (isDeepStrictEqual(asPlain(result.stack), asPlain({ ...before, services: wanted }))) return undefined;
  const others = result.stack.services.filter(
    (spec, index) => spec.name !== service && spec.mode !== before.services[index]?.mode,
  );
  return others.length > 0
    ? `the mode of ${service} is shared with ${others.map(({ name }) => name).join(', ')} through an anchor: write them apart, then promote it`
    : 'this edit would change more than the mode: change it by hand';
}
