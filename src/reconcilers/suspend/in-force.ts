/** What is suspended at one moment: by the manifest and by persons. Pure. */
import type { StackSpec } from '../desired/stack-spec.js';
import type { Suspend } from '../plan/suspension.js';
import { byManifest } from './by-manifest.js';
import { isOver, type SuspendRequests } from './suspend-file.js';

export interface SuspendNotes {
  /** As they were told last. */
  readonly told: readonly Suspend[];
  /** Undefined where the file cannot be believed: then what was told of persons holds. */
  readonly requests: SuspendRequests | undefined;
}

/** `now`: epoch milliseconds. */
export function inForce(
  stack: Pick<StackSpec, 'suspend'> | undefined,
  { told, requests }: SuspendNotes,
  now: number,
): readonly Suspend[] {
  const byPersons = requests?.suspends ?? told.filter(({ by }) => by === 'person');
  return [...byManifest(stack, told, now), ...byPersons.filter((suspend) => !isOver(suspend, now))];
}
