/** A section per canary: when, how it ended, and a table of its steps. Pure. */
import type { AuditReport } from './audit-report.js';
import { literal, markdownTable } from './markdown.js';
import type { Rollout, RolloutStep } from './rollout-note.js';
import { counted, durationWords, timeWords } from './words.js';

const NONE = '–';
const HEAD = ['Step', 'Share', 'From', 'Until', 'Looks Told', 'Requests', 'Errors', 'Slow', 'Last Verdict'];

export function rolloutsText({ rollouts: { omitted, items } }: AuditReport): string {
  const earlier =
    omitted === 0 ? [] : [`${counted(omitted, 'earlier canary', 'earlier canaries')} left out.`];
  const blocks = items.length === 0 ? ['There was no canary.'] : items.map(rolloutText);
  return ['## Rollouts', ...earlier, ...blocks].join('\n\n');
}

function rolloutText(rollout: Rollout): string {
  const { service, version, started, steps } = rollout;
  const who = literal([service, version].filter((part) => part !== undefined).join(' '));
  const left = steps.omitted === 0 ? [] : [`${counted(steps.omitted, 'earlier step')} left out.`];
  const table = steps.items.length === 0 ? [] : [markdownTable(HEAD, steps.items.map(stepRow))];
  return [`### ${who}, ${literal(timeWords(started))}`, endLine(rollout), ...left, ...table].join('\n\n');
}

const MARKS = {
  promoted: '✔',
  'goes on': '▸',
  aborted: '↩',
  superseded: '↷',
  removed: '✂',
  'rolled back': '↩',
  failed: '✘',
} as const;

function endLine({ outcome, ended, tookMs, message }: Rollout): string {
  const when = ended === undefined ? '' : ` at ${timeWords(ended)}`;
  const after = tookMs === undefined ? '' : `, after ${durationWords(tookMs)}`;
  const why = message === undefined ? '' : `: ${message}`;
  return `${MARKS[outcome]} ${literal(`${outcome}${when}${after}${why}`)}`;
}

function stepRow(step: RolloutStep): string[] {
  const { from, to, looks, requests, errors, slow, verdict } = step;
  return [
    placeWords(step),
    shareWords(step),
    timeWords(from),
    to === undefined ? 'goes on' : timeWords(to),
    String(looks),
    countWords(requests),
    countWords(errors),
    countWords(slow),
    verdict ?? NONE,
  ];
}

function shareWords({ weight, paused, cause }: RolloutStep): string {
  const why = cause === undefined ? '' : ` (${cause})`;
  return `${String(weight)} %${paused ? ', a pause' : ''}${why}`;
}

function placeWords({ step, steps, bakes }: RolloutStep): string {
  if (bakes === true) return 'bake';
  return steps === 0 ? String(step) : `${String(step)} of ${String(steps)}`;
}

function countWords(count: number | undefined): string {
  return count === undefined ? NONE : String(count);
}
