/** How a command ended, in words. Pure; what was said before is not said again. */
import { errorWords } from '../basics/error-words.js';
import { holderWords } from '../basics/lock.js';
import { EXIT } from '../basics/exit.js';
import type { End } from './reporter.js';
import { indented, type Paint } from '../basics/talk.js';

export interface Teller {
  readonly paint: Paint;
  readonly hasTold: (event: string) => boolean;
}

/** The lines to say; none for a command that was interrupted. */
export function endLines(end: End, { paint, hasTold }: Teller): readonly string[] {
  const message = messageOf(end);
  if (end.code === EXIT.interrupted)
    return ['interrupted: what runs goes on, the manifest keeps the request'];
  if (end.own !== undefined)
    return [
      `${paint('green', '✔')} ${end.own}`,
      `${paint('yellow', '!')} the rest of the stack is not ready: ${message}`,
    ];
  if (end.timeoutMs !== undefined)
    return [
      `${paint('red', '✘')} not ready after ${String(end.timeoutMs / 1000)} s; ${end.unwritten === undefined ? `still missing: ${message}` : errorWords(end.unwritten)}`,
      ...(end.isUnanswered === true
        ? [`${paint('yellow', '!')} the stack is controlled by ${holderWords('unknown')}`]
        : []),
    ];
  if (end.unwritten !== undefined)
    return [
      `${paint('red', '✘')} ${readyWords(end, paint)}${message}; but that is not written down: ${errorWords(end.unwritten)}`,
    ];
  if (end.code === EXIT.ok)
    return [`${paint('green', '✔')} ${readyWords(end, paint)}${message}`, ...bakeLines(end)];
  if (end.code === EXIT.denied && end.isRejected !== true)
    return [`${paint('red', '✘')} denied by policy${hasTold('policy_denied') ? '' : `: ${message}`}`];
  if (end.code === EXIT.badManifest)
    return hasTold('manifest_invalid')
      ? []
      : [`${paint('red', '✘')} the manifest is not valid:\n${indented(message, '    ')}`];
  return [`${paint('red', '✘')} ${message}`];
}

/** A stack that was to go, and is gone, serves nowhere. */
function readyWords({ conditions, url }: End, paint: Paint): string {
  if (conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Pruned')) return '';
  return url === undefined ? 'ready: ' : `ready at ${paint('bold', url)}: `;
}

/** Ready is not yet promoted for good. */
function bakeLines({ conditions }: End): readonly string[] {
  const promoted = conditions.find(({ type, reason }) => type === 'Promoted' && reason === 'Baking');
  return promoted === undefined ? [] : [`  ${promoted.message}`];
}

/** What stands in the way first, else what `Ready` says. */
function messageOf({ conditions, awaited = 'nothing is known yet' }: End): string {
  const of = (type: string) => conditions.find((condition) => condition.type === type);
  const stalled = of('Stalled');
  return (stalled?.status === 'True' ? stalled : of('Ready'))?.message ?? awaited;
}
