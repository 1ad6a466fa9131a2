/** The status of a stack as a page that a tired person understands: the state in one line, then what it is made of. Pure. */
import { ageWords, spanWords } from '../basics/age-words.js';
import { table } from '../basics/table.js';
import { indented, type Paint } from '../basics/talk.js';
import { controllerWords, isOfOther } from './controller-words.js';
import type { Look } from './look.js';
import { newsLines } from './news-lines.js';
import { answerLines, warningLines } from './policy-words.js';
import { rolloutSections } from './rollout-words.js';
import { serviceTable } from './service-table.js';
import { oddConditions, oneLine, stateWords, type Conditions } from './state-words.js';
import type { ServiceStatus, SourceStatus } from './status-document.js';
import { aboutService, isMeasured } from './traffic-words.js';

export interface PageFacts {
  readonly look: Look;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly paint: Paint;
}

const EVENTS = 5;
const COMMIT_DIGITS = 12;
/** Of sentences that are broken into lines. */
const WIDTH = 80;

/** The page, without a final line end. */
export function statusPage(facts: PageFacts): string {
  const { status } = facts.look;
  const sections = [
    headline(facts),
    serviceLines(facts),
    ...rolloutSections(status.services, { ...facts, width: WIDTH, isFromGit: status.source !== undefined }),
    policyLines(facts),
    conditionLines(facts),
    eventLines(facts),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline({ look, now, paint }: PageFacts): string[] {
  const { status } = look;
  const place = [
    status.url,
    `manifest generation ${String(status.generation)}`,
    controllerWords({ ...look, writer: status.controller, now }),
  ].filter((part) => part !== undefined);
  return [
    `${paint('bold', status.stack)}  ${stateWords(status.conditions, paint)}`,
    `  ${place.join(' · ')}`,
    ...sourceWords(status.source),
    ...noticeWords(look).map((notice) => `  ${paint('yellow', '!')} ${notice}`),
  ];
}

function sourceWords(source: SourceStatus | undefined): string[] {
  if (source === undefined) return [];
  const { ref, commit, subject, author } = source;
  return [`  ${ref} at ${commit.slice(0, COMMIT_DIGITS)}: ${subject} (${author})`];
}

/** Why what is shown may not be how it is. */
export function noticeWords({ manifestChanged, trouble, status, lock }: Look): string[] {
  return [
    ...elsewhere(lock),
    ...suspended(status),
    ...overridden(status),
    ...(manifestChanged ? ['the manifest has changed since: what follows is about the one before'] : []),
    ...(trouble === undefined ? [] : [trouble]),
  ];
}

/** What follows is no state of now, however good it looks. */
function elsewhere(lock: Look['lock']): string[] {
  if (!isOfOther(lock)) return [];
  return [`nobody writes this status: look from ${lock.heldBy.manifest}, or stop that controller`];
}

/** Before everything else: what is not healed must not look forgotten. */
function suspended({ conditions }: Look['status']): string[] {
  const found = conditions.find(({ type, status }) => type === 'Suspended' && status === 'True');
  return found === undefined ? [] : [`SUSPENDED, nothing of it is changed or healed: ${found.message}`];
}

/** Until the manifest changes: whoever looks must see that the policies did not have the last word. */
function overridden({ conditions }: Look['status']): string[] {
  const found = conditions.find(({ type, reason }) => type === 'PolicyAllowed' && reason === 'Overridden');
  return found === undefined ? [] : [`policies are overridden: ${found.message}`];
}

function serviceLines({ look: { status }, now, paint }: PageFacts): string[] {
  if (status.services.length === 0) return [];
  const { head, rows } = serviceTable(status.services, paint);
  return [
    ...table(head, rows, paint),
    ...status.services.flatMap((service) =>
      failureLines(service, { now, paint, isSaid: isInHeadline(status.conditions) }),
    ),
    ...status.services
      .filter(isMeasured)
      .map((service) => paint('dim', `  ${service.name}: ${aboutService(service, now)}`)),
  ];
}

interface FailureView {
  readonly now: number;
  readonly paint: Paint;
  /** Has the page said this sentence before? */
  readonly isSaid?: (sentence: string) => boolean;
}

/** What did not get healthy. */
export function failureLines({ name, failed }: ServiceStatus, view: FailureView): string[] {
  const { now, paint, isSaid = () => false } = view;
  return (failed ?? []).map(({ track, version, inBake, weight, message, at }) => {
    const why = oneLine(message);
    const still = weight === undefined ? '' : ` and still has ${String(weight)} % of the requests`;
    const line = `  ${paint('red', '✘')} ${name} ${version ?? ''} failed ${inBake === true ? 'in its bake' : `on ${track}`} ${ageWords(at, now)}${still}`;
    return isSaid(why) ? line : `${line}: ${why}`;
  });
}

function policyLines({ look: { status }, now, paint }: PageFacts): string[] {
  const answers = status.policies.flatMap((policy) => answerLines(policy, now, paint));
  const lines = [...answers, ...warningLines(status.conditions, paint)];
  return lines.length === 0 ? [] : [paint('dim', 'POLICIES'), ...lines];
}

/** The headline says what `Ready` says, where that is one line; sentences that it holds need not be said again. */
function isInHeadline(conditions: Conditions): (sentence: string) => boolean {
  const headline = conditions.find(({ type }) => type === 'Ready')?.message ?? '';
  return (sentence) => !headline.includes('\n') && headline.includes(sentence);
}

/** A message is said once. */
function conditionLines({ look: { status }, now, paint }: PageFacts): string[] {
  const odd = oddConditions(status.conditions);
  if (odd.length === 0) return [];
  const messages = odd.map(({ message }) => message);
  const isSaidAbove = isInHeadline(status.conditions);
  return [
    paint('dim', 'CONDITIONS that are not as they should be'),
    ...odd.flatMap(({ type, status: value, reason, message, lastTransitionTime }, index) => {
      const isSaid = isSaidAbove(message) || messages.indexOf(message) < index;
      const line = `  ${paint('yellow', type)} is ${value} (${reason}) for ${spanWords(lastTransitionTime, now) ?? 'a moment'}`;
      return isSaid ? [line] : [line, indented(message, '    ')];
    }),
  ];
}

function eventLines({ look, now, paint }: PageFacts): string[] {
  const lines = newsLines(look, { count: EVENTS, now, paint });
  return lines.length === 0 ? [] : [paint('dim', 'LAST EVENTS'), ...lines];
}
