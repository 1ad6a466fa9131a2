/** Rollouts as lines for people, oldest first. Pure. */
import type { Listing } from '../audit/bounded.js';
import type { Rollout, RolloutOutcome, RolloutStep } from '../audit/rollout-note.js';
import { counted, durationWords, timeWords } from '../audit/words.js';
import type { Paint } from '../basics/talk.js';
import { harmless } from '../events/event-line.js';
import { wrapped } from '../explain/wrapped.js';

const WIDTH = 80;
const INDENT = 4;

export function historyLines({ omitted, items }: Listing<Rollout>, paint: Paint): readonly string[] {
  if (items.length === 0) return ['There was no canary yet.'];
  const earlier =
    omitted === 0 ? [] : [paint('dim', `${counted(omitted, 'earlier one')} not shown: -n shows more`)];
  return [...earlier, ...items.flatMap((rollout) => rolloutLines(rollout, paint))];
}

function rolloutLines(rollout: Rollout, paint: Paint): string[] {
  const { service, version, started, outcome, message, steps } = rollout;
  const who = harmlessText([service, version].filter((part) => part !== undefined).join(' '));
  const head = `${paint('dim', timeWords(started))}  ${markOf(outcome, paint)} ${who}: ${endWords(rollout)}`;
  const way = steps.items.map(stepWords).join(' → ');
  return [head, ...(way === '' ? [] : textLines(way)), ...(message === undefined ? [] : textLines(message))];
}

const MARKS: Readonly<Record<RolloutOutcome, readonly ['green' | 'cyan' | 'yellow' | 'red', string]>> = {
  promoted: ['green', '✔'],
  'goes on': ['cyan', '▸'],
  aborted: ['yellow', '↩'],
  superseded: ['yellow', '↷'],
  removed: ['yellow', '✂'],
  'rolled back': ['red', '↩'],
  failed: ['red', '✘'],
};

function markOf(outcome: RolloutOutcome, paint: Paint): string {
  return paint(...MARKS[outcome]);
}

function endWords({ outcome, tookMs }: Pick<Rollout, 'outcome' | 'tookMs'>): string {
  return tookMs === undefined ? outcome : `${outcome} after ${durationWords(tookMs)}`;
}

function stepWords({ weight, paused, bakes, cause }: RolloutStep): string {
  if (bakes === true) return 'bake';
  if (cause !== undefined) return `${String(weight)} % (${cause})`;
  return paused ? 'pause' : `${String(weight)} %`;
}

function textLines(text: string): string[] {
  return wrapped(harmlessText(text), { width: WIDTH, indent: INDENT }).split('\n');
}

function harmlessText(text: string): string {
  return String(harmless(text));
}
