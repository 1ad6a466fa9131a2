/** The live view as lines that fit its terminal: a head, as much of the sections as there is room for, a foot. Pure. */
import type { Paint } from '../../basics/talk.js';
import { controllerWords } from '../controller-words.js';
import { newsLines } from '../news-lines.js';
import { answerLines, warningLines } from '../policy-words.js';
import { oddConditions, oneLine, stateWords } from '../state-words.js';
import { noticeWords } from '../status-page.js';
import { detailSections } from './detail.js';
import { fit, moreWords, type Section } from './fit.js';
import { helpLines } from './help.js';
import type { LiveFacts } from './live-facts.js';
import { tableSection } from './table-section.js';

export interface LiveView {
  readonly head: readonly string[];
  readonly body: readonly string[];
  readonly foot: string;
}

const FOOT_ROWS = 1;
/** More than a tall terminal has room for. */
const EVENTS = 50;
/** So many lines of refusals come before anything else. */
const URGENT_LINES = 4;

export function liveView(facts: LiveFacts): LiveView {
  const { size, page } = facts;
  const head = headLines(facts).slice(0, Math.max(0, size.rows - FOOT_ROWS));
  const rows = size.rows - head.length - FOOT_ROWS;
  const sections = page === 'help' ? [helpSection(facts)] : stackSections(facts);
  return { head, body: bodyOf(sections, rows), foot: footLine(facts) };
}

/** Where there is room for blank lines, there is for one under the head. */
function bodyOf(sections: readonly Section[], rows: number): readonly string[] {
  const loose = fit(sections, rows - 1);
  if (loose.includes('')) return ['', ...loose];
  const body = fit(sections, rows);
  return body.length < rows ? ['', ...body] : body;
}

function headLines({ look, now, paint }: LiveFacts): string[] {
  const { status } = look;
  const controller = controllerWords({ ...look, writer: status.controller, now });
  const place = [status.url, controller, `manifest generation ${String(status.generation)}`];
  return [
    `${paint('bold', status.stack)}  ${stateWords(status.conditions, paint)}`,
    place.filter((part) => part !== undefined).join(' · '),
    ...noticeWords(look).map((notice) => `${paint('yellow', '!')} ${notice}`),
  ];
}

function stackSections(facts: LiveFacts): Section[] {
  return [
    tableSection(facts, 0),
    ...detailSections(facts, 2),
    policySection(facts, 1),
    conditionSection(facts, 5),
    newsSection(facts, 6),
  ];
}

/** Refusals first, then warnings: the title and what passes may be cut. */
function policySection({ look, now, paint }: LiveFacts, rank: number): Section {
  const { policies, conditions } = look.status;
  const linesOf = (allowed: boolean) =>
    policies.filter(({ allow }) => allow === allowed).flatMap((policy) => answerLines(policy, now, paint));
  const [failed, passed] = [linesOf(false), linesOf(true)];
  const lines = [...failed, ...warningLines(conditions, paint), ...passed];
  return {
    lines: lines.length === 0 ? [] : [paint('dim', 'POLICIES'), ...lines],
    least: Math.max(1, Math.min(URGENT_LINES, failed.length)),
    rank,
    cut: (rows) => withMore(lines, rows, paint),
  };
}

function withMore(lines: readonly string[], rows: number, paint: Paint): readonly string[] {
  const [first = '', ...rest] = lines.slice(0, rows);
  const more = lines.length - rows;
  return more <= 0 ? lines : [`${first}${paint('dim', moreWords(more))}`, ...rest];
}

/** The head has said what the summary says, and the policies say what they refuse. */
const SAID = new Set<string>(['Stalled', 'Reconciling', 'Suspended', 'PolicyAllowed']);

function conditionSection({ look, paint }: LiveFacts, rank: number): Section {
  const lines = oddConditions(look.status.conditions)
    .filter(({ type }) => !SAID.has(type))
    .map(
      ({ type, status, reason, message }) =>
        `  ${paint('yellow', type)} is ${status} (${reason}): ${oneLine(message)}`,
    );
  return {
    lines: lines.length === 0 ? [] : [paint('dim', 'CONDITIONS'), ...lines],
    least: Math.min(3, 1 + lines.length),
    rank,
  };
}

/** The newest stay. */
function newsSection({ look, now, paint }: LiveFacts, rank: number): Section {
  const lines = newsLines(look, { count: EVENTS, now, paint });
  const title = paint('dim', 'LAST EVENTS');
  return {
    lines: lines.length === 0 ? [] : [title, ...lines],
    least: 2,
    rank,
    isEndless: true,
    cut: (rows) => [title, ...lines.slice(lines.length - rows + 1)],
  };
}

function helpSection(facts: LiveFacts): Section {
  return { lines: helpLines(facts), least: 1, rank: 0 };
}

function footLine({ page, intervalMs, size, now, paint }: LiveFacts): string {
  const keys = page === 'help' ? '? back · q quit' : '↑↓ service · ? help · q quit';
  const time = `every ${String(intervalMs / 1000)} s · ${new Date(now).toISOString().slice(11, 19)} UTC`;
  const gap = size.columns - keys.length - time.length;
  return paint('dim', gap < 2 ? keys : `${keys}${' '.repeat(gap)}${time}`);
}
