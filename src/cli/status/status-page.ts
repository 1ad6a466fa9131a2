/** The status of a stack as a page that a tired person understands: the state in one line, then what it is made of. Pure. */
import { CONDITION_TYPES, type Condition } from '../../controller/conditions.js';
import { ageWords, spanWords } from '../basics/age-words.js';
import { eventWords, type ToldEvent } from '../telling/event-words.js';
import type { PolicyStatus, ServiceStatus, StatusDocument, TrackStatus } from './status-document.js';
import { table } from '../basics/table.js';
import { indented, type Paint } from '../basics/talk.js';

export interface StatusFacts {
  readonly status: StatusDocument;
  /** Oldest first. */
  readonly events: readonly (ToldEvent & { readonly timestamp: string })[];
  /** Who controls the stack, in words. */
  readonly controller: string;
  /** The manifest on disk is another than the one that the status is about. */
  readonly manifestChanged: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly paint: Paint;
}

/** The page, without a final line end. */
export function statusPage(facts: StatusFacts): string {
  const sections = [
    headline(facts),
    serviceLines(facts),
    policyLines(facts),
    conditionLines(facts),
    eventLines(facts),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline({ status, controller, manifestChanged, paint }: StatusFacts): string[] {
  const place = [status.url, `manifest generation ${String(status.generation)}`, controller].filter(
    (part) => part !== undefined,
  );
  return [
    `${paint('bold', status.stack)}  ${stateWords(status, paint)}`,
    `  ${place.join(' · ')}`,
    ...(manifestChanged
      ? [`  ${paint('yellow', '!')} the manifest has changed since: what follows is about the one before`]
      : []),
  ];
}

/** Kinds of the summary follow kstatus: stalled before reconciling before ready. */
function stateWords({ conditions }: StatusDocument, paint: Paint): string {
  const of = (type: Condition['type']) => conditions.find((condition) => condition.type === type);
  const [ready, stalled, reconciling] = [of('Ready'), of('Stalled'), of('Reconciling')];
  if (ready?.status === 'True') return `${paint('green', '✔ Ready')}: ${ready.message}`;
  if (stalled?.status === 'True')
    return `${paint('red', '✘ Stalled')} (${stalled.reason}): ${oneLine(stalled.message)}`;
  if (reconciling?.status === 'True')
    return `${paint('yellow', '… Reconciling')}: ${oneLine(reconciling.message)}`;
  return `${paint('red', '✘ not Ready')}: ${oneLine(ready?.message ?? 'nothing is known')}`;
}

function serviceLines({ status, now, paint }: StatusFacts): string[] {
  if (status.services.length === 0) return [];
  const rows = status.services.flatMap((service) =>
    service.tracks.map((track, index) => trackRow(service, track, { isFirst: index === 0, paint })),
  );
  const failures = status.services.flatMap(({ name, failed }) =>
    (failed ?? []).map(
      ({ track, version, message, at }) =>
        `  ${paint('red', '✘')} ${name} ${version ?? ''} failed on ${track} ${ageWords(at, now)}: ${oneLine(message)}`,
    ),
  );
  return [...table(['SERVICE', 'TRACK', 'VERSION', 'WEIGHT', 'READY', 'RESTARTS'], rows, paint), ...failures];
}

function trackRow(
  { name }: ServiceStatus,
  { track, version, weight, replicas, restarts }: TrackStatus,
  { isFirst, paint }: { readonly isFirst: boolean; readonly paint: Paint },
): string[] {
  const ready = `${String(replicas.ready)}/${String(replicas.desired)}`;
  const isShort = replicas.ready < replicas.desired;
  const restartText = String(restarts ?? 0);
  return [
    isFirst ? name : '',
    track,
    version,
    `${String(weight)} %`,
    isShort ? paint('red', ready) : ready,
    restarts === undefined || restarts === 0 ? restartText : paint('yellow', restartText),
  ];
}

function policyLines({ status, now, paint }: StatusFacts): string[] {
  if (status.policies.length === 0) return [];
  return [paint('dim', 'POLICIES'), ...status.policies.flatMap((policy) => answerLines(policy, now, paint))];
}

function answerLines(policy: PolicyStatus, now: number, paint: Paint): string[] {
  const { domain, question, allow, reasons, checkedAt } = policy;
  const mark = allow ? paint('green', 'PASS') : paint('red', 'FAIL');
  const age = checkedAt === undefined ? '' : paint('dim', ` ${ageWords(checkedAt, now)}`);
  const complaints = allow ? [] : reasons.map(({ message }) => `       ! ${message}`);
  return [`  ${mark} ${domain} (${question})${age}`, ...complaints];
}

/** What is not as it should be; the headline has said what `Ready` says. */
function conditionLines({ status, now, paint }: StatusFacts): string[] {
  const odd = status.conditions.filter(
    (condition) => condition.type !== 'Ready' && needsAttention(condition),
  );
  if (odd.length === 0) return [];
  return [
    paint('dim', 'CONDITIONS that are not as they should be'),
    ...odd.flatMap(({ type, status: value, reason, message, lastTransitionTime }) => [
      `  ${paint('yellow', type)} is ${value} (${reason}) for ${spanWords(lastTransitionTime, now) ?? 'a moment'}`,
      indented(message, '    '),
    ]),
  ];
}

/** By polarity; a neutral one needs attention only where it failed. A type of a newer version is shown. */
function needsAttention({ type, status, reason }: Condition): boolean {
  switch ((CONDITION_TYPES as Partial<Record<string, { polarity: string }>>)[type]?.polarity) {
    case 'positive':
      return status !== 'True';
    case 'negative':
      return status !== 'False';
    case 'neutral':
      return status === 'False' && /Fail/.test(reason);
    case undefined:
    default:
      return true;
  }
}

function eventLines({ events, now, paint }: StatusFacts): string[] {
  if (events.length === 0) return [];
  const ages = events.map(({ timestamp }) => ageWords(timestamp, now));
  const width = Math.max(...ages.map(({ length }) => length));
  return [
    paint('dim', 'LAST EVENTS'),
    ...events.map(
      (event, index) =>
        `  ${paint('dim', (ages[index] ?? '').padEnd(width))}  ${oneLine(eventWords(event, paint))}`,
    ),
  ];
}

function oneLine(text: string): string {
  const [first = '', ...rest] = text.split('\n').map((line) => line.trim());
  return first.endsWith(':') && rest.length > 0 ? `${first} ${rest.join('; ')}` : first;
}
