/** How a canary stands, for a tired person: its step, its time, the last verdict, and both tracks side by side. Pure. */
import type { RolloutStatus } from '../../reconcilers/report/rollout-status.js';
import { ALONE } from '../../reconcilers/report/served-share.js';
import { durationWords } from '../audit/words.js';
import type { Paint } from '../basics/talk.js';
import { wrapped } from '../explain/wrapped.js';
import { INDENT, LABEL_WIDTH, TEXT_COLUMN, trackLines, type RolloutView } from './rollout-tracks.js';
import type { ServiceStatus } from './status-document.js';

/** Lines with a title per canary. */
export function rolloutSections(services: readonly ServiceStatus[], view: RolloutView): string[][] {
  return services
    .filter(({ rollout }) => rollout !== undefined)
    .map((service) => [view.paint('dim', `ROLLOUT ${service.name}`), ...rolloutLines(service, view)]);
}

/** Nothing for a service without a canary. */
export function rolloutLines(service: ServiceStatus, view: RolloutView): string[] {
  const { rollout } = service;
  if (rollout === undefined) return [];
  const facts: readonly (readonly [label: string, text: string])[] = [
    ...placeFacts(rollout, view),
    ...verdictFact(rollout),
  ];
  return [...facts.flatMap(([label, text]) => labelled(label, text, view)), ...trackLines(rollout, view)].map(
    (line) => line.trimEnd(),
  );
}

function placeFacts(rollout: RolloutStatus, view: RolloutView): readonly (readonly [string, string])[] {
  const { bake } = rollout;
  if (bake !== undefined)
    return [
      ['step', 'promoted, all of the requests; the version before stands by'],
      ['bakes', bakeWords(bake, view.now)],
    ];
  return [
    ['step', stepWords(rollout)],
    ['held', heldWords(rollout, view)],
  ];
}

/** For how long, and when it may be over. */
function bakeWords({ since, until, over }: NonNullable<RolloutStatus['bake']>, now: number): string {
  if (over) return 'over: it becomes the stable version';
  const [begun, end] = [Date.parse(since), Date.parse(until)];
  const ofTime = `${lengthWords(Math.max(0, now - begun))} of ${lengthWords(end - begun)}`;
  return now < end
    ? `${ofTime}, ${lengthWords(end - now)} left`
    : `${ofTime}; it is over when the policies say advance`;
}

function stepWords({ step, steps, weight, alone }: RolloutStatus): string {
  const why = alone === true ? `: ${ALONE}` : '';
  return `${String(step)} of ${String(steps)}, ${String(weight)} % of the requests${why}`;
}

/** For how long, of how long, and what it waits for. */
function heldWords(
  { since, holdSeconds, paused, step, steps, alone, verdict, wantedWeight }: RolloutStatus,
  { now, isFromGit }: RolloutView,
): string {
  if (since === undefined) return 'not yet: its share is not served yet';
  const held = Math.max(0, now - Date.parse(since));
  const forTime = lengthWords(held);
  if (paused)
    return `${forTime}; it waits for a person: ${isFromGit ? PUSH.resume : 'swiftdeploy rollout resume'}`;
  const hold = (holdSeconds ?? 0) * 1000;
  const ofTime = hold === 0 ? forTime : `${forTime} of ${lengthWords(hold)}`;
  if (alone === true && verdict === 'rollback')
    return `${ofTime}; there is no stable version to go back to: save a better one, and it takes over`;
  if (wantedWeight !== undefined)
    return `${ofTime}; its step gives it ${String(wantedWeight)} % when the policies say advance`;
  if (step >= steps)
    return `${ofTime}; the last step: ${isFromGit ? PUSH.promote : 'swiftdeploy promote stable promotes it'}`;
  if (held < hold) return `${ofTime}, ${lengthWords(hold - held)} left`;
  return `${ofTime}; the next step comes when the policies say advance`;
}

const PUSH = {
  resume: 'push `pause: false`',
  promote: 'a push of `mode: stable` promotes it',
} as const;

/** `10 min`, `4 min 10 s`; whole seconds: nobody reads tenths of a hold. */
function lengthWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${String(seconds)} s` : durationWords(seconds * 1000).replace(/ 0 \w+$/, '');
}

function verdictFact({ verdict, message }: RolloutStatus): readonly (readonly [string, string])[] {
  if (verdict === undefined) return [['verdict', 'none yet: the canary was not judged']];
  return [['verdict', message === undefined ? verdict : `${verdict}: ${message}`]];
}

function labelled(label: string, text: string, { width, paint }: RolloutView): string[] {
  const lines = wrapped(text, { width, indent: TEXT_COLUMN }).split('\n');
  const head = ' '.repeat(INDENT) + paint('dim', label.padEnd(LABEL_WIDTH));
  return lines.map((line, index) => (index === 0 ? head + coloured(line.trimStart(), paint) : line));
}

const COLOURS = { advance: 'green', hold: 'yellow', inconclusive: 'yellow', rollback: 'red' } as const;

/** The verdict's own word, where the line begins with it. */
function coloured(line: string, paint: Paint): string {
  const word = /^\w+(?=:)/.exec(line)?.[0];
  if (word === undefined || !Object.hasOwn(COLOURS, word)) return line;
  return paint(COLOURS[word as keyof typeof COLOURS], word) + line.slice(word.length);
}
