/** History events in words. Pure; an event that a newer version wrote is shown by its name. */
import type { HistoryEventName } from '../../controller/history/history-event.js';
import { ALONE } from '../../reconcilers/report/served-share.js';
import type { Paint } from '../basics/talk.js';

/** An event as it is told or as it stands in the history. */
export interface ToldEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

type Words = (event: ToldEvent, paint: Paint) => string;

/** One line, or several where the event carries more (a log, problems). */
export function eventWords(event: ToldEvent, paint: Paint): string {
  const words = Object.hasOwn(WORDS, event.event) ? WORDS[event.event as HistoryEventName] : undefined;
  return words === undefined ? event.event : words(event, paint);
}

const WORDS: Readonly<Record<HistoryEventName, Words>> = {
  deploy: (event, paint) => `${paint('green', '★')} ${text(event.service)} ${text(event.version)} serves`,
  promote: (event, paint) =>
    `${paint('green', '★')} ${text(event.service)} ${text(event.version)} serves as ${text(event.target_mode)}`,
  rollback: (event, paint) =>
    `${paint('yellow', '↩')} ${text(event.service)} is back on ${text(event.version)}`,
  canary_step: (event, paint) =>
    event.bake_seconds === undefined ? stepWords(event, paint) : bakeWords(event, paint),
  canary_share: (event, paint) =>
    `${paint('yellow', '▸')} ${text(event.service)} ${text(event.version)} has ${text(event.weight)} % of the requests: ${text(event.cause)}`,
  canary_look: (event) => `· canary ${text(event.service)}: ${text(event.verdict)}: ${text(event.message)}`,
  replica_failed: (event, paint) => `${paint('red', '✘')} ${text(event.message)}${logLines(event.log)}`,
  replica_unstable: (event, paint) => `${paint('red', '✘')} ${text(event.message)}`,
  policy_denied: (event, paint) =>
    `${paint('yellow', '⊘')} denied: ${text(event.question)} ${text(event.service ?? event.target)}:${reasons(event.reasons)}`,
  policy_warning: (event, paint) =>
    `${paint('yellow', '!')} policy warning: ${text(event.question)} ${text(event.service ?? event.target)}:${reasons(event.warnings)}`,
  policy_overridden: (event, paint) =>
    `${paint('yellow', '⚑')} overridden for generation ${text(event.generation)}: ${text(event.question)}, by ${text(event.who)}: ${text(event.why)}${reasons(event.denied)}`,
  policy_changed: (event, paint) =>
    `${paint('cyan', '✎')} policies changed, revision ${text(event.revision).slice(0, 12)}`,
  policy_rejected: (event, paint) =>
    `${paint('red', '✎')} policies ${event.revision === undefined ? 'not checked' : 'refused'}, ${event.nobody_decides === true ? 'nothing is deployed until they pass' : 'the last good ones keep deciding'}:${lines(event.problems)}`,
  source_changed: (event, paint) =>
    `${paint('cyan', '✎')} ${text(event.ref)} is at ${text(event.commit).slice(0, 12)}: ${text(event.subject)} (${text(event.author)})`,
  source_rejected: (event, paint) =>
    `${paint('red', '✎')} source: ${text(event.message)}; what was applied last stays`,
  source_pruned: (event, paint) =>
    `${paint('yellow', '✎')} ${text(event.ref)} is at ${text(event.commit).slice(0, 12)}: ${text(event.subject)} (${text(event.author)}): no manifest any more, the stack is removed`,
  manifest_changed: (event, paint) =>
    `${paint('cyan', '✎')} manifest generation ${text(event.generation)}${withoutWords(event.removed)}${lines(event.warnings)}`,
  manifest_invalid: (event, paint) =>
    `${paint('red', '✎')} manifest${shortCommit(' of commit ', event.commit)} refused, nothing that runs is changed${shortCommit('; in force stays ', event.applied_commit)}:${lines(event.problems)}`,
  drift_detected: (event, paint) =>
    `${paint('yellow', '△')} drift: ${text(event.target)}${saysItself(event) ? ' ' : ': '}${causeWords(event)}`,
  drift_healed: (event, paint) =>
    `${paint('green', '✚')} healed: ${text(event.target)} (${causeWords(event)})`,
  controller_started: (event, paint) => `${paint('dim', '▷')} controller started, process ${text(event.pid)}`,
  controller_stopped: (event, paint) => `${paint('dim', '□')} controller stopped, process ${text(event.pid)}`,
  suspended: (event, paint) =>
    `${paint('yellow', '‖')} ${subject(event)} suspended by ${suspender(event)}${event.until === undefined ? '' : ` until ${text(event.until)}`}${event.why === undefined ? '' : `: ${text(event.why)}`}`,
  resumed: (event, paint) =>
    `${paint('green', '▶')} ${subject(event)} suspended no more: ${event.who === 'time' ? 'its time is over' : `ended by ${suspender(event)}`}`,
  history_repaired: (event, paint) => `${paint('yellow', '!')} ${repairWords(event)}`,
  notes_outdated: (event, paint) => `${paint('yellow', '!')} ${outdatedWords(event)}`,
  status_scrape: scrapeWords,
  chaos: (event, paint) =>
    `${paint('yellow', '~')} ${event.service === undefined ? '' : `${text(event.service)}: `}chaos ${event.mode === 'none' || event.mode === 'recover' ? 'is over' : text(event.mode)}`,
  step: (event) => `${text(event.step)}: ${text(event.cause)}`,
};

function stepWords(event: ToldEvent, paint: Paint): string {
  const why = event.alone === true ? ` (${ALONE})` : '';
  return `${paint('cyan', '▸')} ${text(event.service)} ${text(event.version)} has ${text(event.weight)} % of the requests${why}, step ${text(event.step)} of ${text(event.steps)}${event.paused === true ? ', paused' : ''}`;
}

function bakeWords(event: ToldEvent, paint: Paint): string {
  return `${paint('cyan', '▸')} ${text(event.service)} ${text(event.version)} is promoted, has all requests and bakes for ${text(event.bake_seconds)} s; the version before stands by`;
}

/** `app is`, `app, web are`, or the stack. */
function subject({ services }: ToldEvent): string {
  if (!Array.isArray(services)) return 'the stack is';
  return `${services.map(text).join(', ')} ${services.length === 1 ? 'is' : 'are'}`;
}

function suspender({ who }: ToldEvent): string {
  return who === 'manifest' ? 'the manifest' : text(who);
}

/** `web-1 is gone` of `web-1`: the name is said once. */
function causeWords(event: ToldEvent): string {
  const cause = text(event.cause);
  return saysItself(event) ? cause.slice(text(event.target).length).trimStart() : cause;
}

function saysItself({ target, cause }: ToldEvent): boolean {
  return text(cause).startsWith(`${text(target)} `);
}

/** What was measured, and which policy would not have it. */
function scrapeWords(event: ToldEvent, paint: Paint): string {
  const who = [event.service, event.mode].filter((word) => word !== undefined).map(text);
  const measured = [
    ...figure('errors', event.error_rate_percent, '%'),
    ...figure('P99', event.p99_latency_ms, ' ms'),
    ...figure('', event.requests_per_second, ' req/s'),
  ];
  const failed = Object.entries({ infrastructure: event.policy_infra_pass, canary: event.policy_canary_pass })
    .filter(([, passed]) => passed === false)
    .map(([domain]) => paint('red', `${domain} FAIL`));
  const parts = [...failed, ...measured];
  return `· ${['metrics of', ...who].join(' ')}: ${parts.length === 0 ? 'no traffic' : parts.join(', ')}`;
}

function figure(name: string, value: unknown, unit: string): readonly string[] {
  if (typeof value !== 'number') return [];
  return [`${name} ${String(Math.round(value * 100) / 100)}${unit}`.trimStart()];
}

function outdatedWords({ service, version, noted }: ToldEvent): string {
  const instead = noted === undefined ? '' : `, but ${text(noted)}`;
  return `the notes in the state directory are older than the stack: ${text(service)} ${text(version)} serves, of which they know nothing${instead} (was a backup put back?). They are not believed: what runs is taken as it is, and a canary begins at its first step`;
}

/** What was wrong with the history, and where the rest is now. */
export function repairWords(repair: Readonly<Record<string, unknown>>): string {
  const keptIn = repair.keptIn ?? repair.kept_in;
  const kept = keptIn === undefined ? '' : `; kept in ${text(keptIn)}`;
  const what = REPAIRS[text(repair.reason)] ?? 'was put right';
  const bytes = repair.bytes === undefined ? '' : ` (${text(repair.bytes)} bytes)`;
  return `${text(repair.file)} ${what}${bytes}${kept}`;
}

const REPAIRS: Readonly<Record<string, string>> = {
  torn_tail: 'ended in half a line, which was cut off',
  deleted: 'was deleted; a new one goes on',
  emptied: 'was emptied; it goes on from here',
  shortened: 'lost its last events; it goes on after them',
  replaced: 'was replaced by a file that is not its continuation',
};

/** Nothing where the manifest is a plain file. */
function shortCommit(before: string, commit: unknown): string {
  return commit === undefined ? '' : `${before}${text(commit).slice(0, 12)}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '?');
}

function withoutWords(removed: unknown): string {
  return Array.isArray(removed) ? `, without ${removed.map(text).join(', ')}` : '';
}

function lines(value: unknown): string {
  return Array.isArray(value) ? value.map((line) => `\n    ${text(line)}`).join('') : '';
}

function logLines(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? `\n  its last words:${lines(value)}` : '';
}

function reasons(value: unknown): string {
  return Array.isArray(value) ? lines(value.map(reasonText)) : '';
}

/** A reason of ours, or the published form: a text. */
function reasonText(reason: unknown): string {
  const hasMessage = typeof reason === 'object' && reason !== null && 'message' in reason;
  return text(hasMessage ? reason.message : reason);
}
