/** A change of a service in a manifest's text that must come to exactly what is wanted: anything else is refused. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { asPlain, editedBytes, lineOf, textOf, type TextEdit } from '../promote/manifest-text.js';

export type RolloutEdit =
  | {
      readonly kind: 'edited';
      readonly bytes: Buffer;
      /** Of the first change. */
      readonly line: number;
      /** What was changed. */
      readonly words: string;
    }
  /** Why not, in words. */
  | { readonly kind: 'refused'; readonly why: string };

/** What is to be replaced, and what the service must be afterwards. */
export interface Change {
  readonly edits: readonly TextEdit[];
  readonly wanted: ServiceSpec;
  readonly words: string;
}

export function refused(why: string): RolloutEdit {
  return { kind: 'refused', why };
}

/** `bytes` are those of a valid manifest that describes `stack`. Anchors can make one word speak for two. */
export function editWith(bytes: Buffer, stack: StackSpec, { edits, wanted, words }: Change): RolloutEdit {
  const edited = editedBytes(bytes, edits);
  const result = loadManifest(edited, 'manifest');
  const services = stack.services.map((spec) => (spec.name === wanted.name ? wanted : spec));
  if (!result.ok || !isDeepStrictEqual(asPlain(result.stack), asPlain({ ...stack, services })))
    return refused(`this edit of ${wanted.name} (${words}) would change more than that: make it by hand`);
  const first = Math.min(...edits.map(({ start }) => start));
  return { kind: 'edited', bytes: edited, line: lineOf(textOf(bytes), { start: first }), words };
}
