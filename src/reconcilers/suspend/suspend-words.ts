/** Who suspended what, why, since when and until when, and what is not done for it: in sentences. Pure. */
import type { Suspension, Suspend } from '../plan/suspension.js';
import { grouped, type SuspendGroup } from './grouped.js';

/** `the stack is suspended by ana@host since 2026-05-05T20:00:00.000Z: "the disk is swapped"`. */
export function suspendWords(suspends: readonly Suspend[]): string {
  return grouped(suspends).map(groupWords).join('; ');
}

function groupWords({ who, why, since, until, services }: SuspendGroup): string {
  const by = who === undefined ? 'by the manifest (suspend: true)' : `by ${who}`;
  const end = until === undefined ? '' : ` until ${until}`;
  const reason = why === undefined ? '' : `: "${why}"`;
  return `${subjectWords(services)} suspended ${by} since ${since}${end}${reason}`;
}

function subjectWords(services: readonly string[] | undefined): string {
  if (services === undefined) return 'the stack is';
  return services.length === 1 ? `service ${services.join()} is` : `services ${services.join(', ')} are`;
}

/** What ends it. */
export function resumeWords(suspends: readonly Suspend[]): string {
  const byManifest = suspends.some(({ by }) => by === 'manifest');
  const byPerson = suspends.some(({ by }) => by === 'person');
  const ends = [
    ...(byManifest ? ['take suspend: true out of the manifest'] : []),
    ...(byPerson ? ['run "swiftdeploy resume"'] : []),
  ];
  return `to go on, ${ends.join(' and ')}`;
}

const MOST_STEPS = 3;

/** What is withheld, a chain by its first step. */
export function withheldWords({ withheld }: Suspension): string {
  const steps = withheld.flatMap((chain) => chain.slice(0, 1));
  if (steps.length === 0) return 'what is not as it should be stays so';
  const shown = steps.slice(0, MOST_STEPS).map(({ kind, target, cause }) => `${kind} ${target} (${cause})`);
  const more = steps.length > MOST_STEPS ? [`${String(steps.length - MOST_STEPS)} more`] : [];
  return `not done: ${[...shown, ...more].join(', ')}`;
}
