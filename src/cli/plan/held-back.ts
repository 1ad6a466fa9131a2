/** What is due and not done, because somebody wants it left alone: what is foreseen without that word, but for what is taken all the same. Pure. */
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import type { PlannedStep, Stage } from './planned-stages.js';

export interface HeldBack {
  /** That are suspended, sorted; absent: the whole stack is. */
  readonly services?: readonly string[];
  /** What would be done at the end of it. */
  readonly stages: readonly Stage[];
}

/** `all`: without the suspends; `taken`: with them. */
export function heldBack(
  suspends: readonly Suspend[],
  all: readonly Stage[],
  taken: readonly Stage[],
): HeldBack {
  const names = suspends.flatMap(({ service }) => service ?? []);
  const isWhole = names.length < suspends.length;
  return { ...(isWhole ? {} : { services: [...new Set(names)].sort() }), stages: without(all, taken) };
}

/** A step that is taken as often as it is due is not held back. */
function without(all: readonly Stage[], taken: readonly Stage[]): readonly Stage[] {
  const left = taken.flatMap(({ chains }) => chains.flat().map(keyOf));
  const isLeft = (step: PlannedStep) => {
    const place = left.indexOf(keyOf(step));
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  };
  return all
    .map(({ when, chains }) => ({
      when,
      chains: chains.map((chain) => chain.filter(isLeft)).filter((chain) => chain.length > 0),
    }))
    .filter(({ chains }) => chains.length > 0);
}

function keyOf({ kind, target, cause }: PlannedStep): string {
  return JSON.stringify([kind, target, cause]);
}
