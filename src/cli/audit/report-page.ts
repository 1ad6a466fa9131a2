/** The report as one page of GitHub Markdown. Pure, and the same bytes for the same history. */
import type { AuditReport } from './audit-report.js';
import type { Listing } from './bounded.js';
import type { Violation } from './denials.js';
import { literal, markdownTable } from './markdown.js';
import { mermaidTimeline } from './mermaid.js';
import {
  chaosSection,
  denialSection,
  deploymentSection,
  driftSection,
  manifestSection,
  overrideSection,
} from './report-sections.js';
import { rolloutsText } from './rollout-blocks.js';
import type { Verdict } from './scrapes.js';
import type { Section } from './section.js';
import { sectionText } from './section.js';
import { counted, durationWords, millisecondWords, percentWords, rangeTimes, timeWords } from './words.js';

/** A broken chain is the first line: whoever reads no further has read that. */
export function reportPage(report: AuditReport): string {
  const blocks = [
    ...brokenLine(report),
    `# Audit Report${report.stack === undefined ? '' : `: ${literal(report.stack)}`}`,
    wholeLine(report),
    ...BEFORE_ROLLOUTS.map((section) => sectionText(section(report))),
    rolloutsText(report),
    ...AFTER_ROLLOUTS.map((section) => sectionText(section(report))),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

type SectionOf = (report: AuditReport) => Section;

const BEFORE_ROLLOUTS: readonly SectionOf[] = [
  summarySection,
  modeSection,
  violationSection,
  timelineSection,
  deploymentSection,
];

const AFTER_ROLLOUTS: readonly SectionOf[] = [
  denialSection,
  overrideSection,
  driftSection,
  chaosSection,
  manifestSection,
];

/** `✘ …` in one line; nothing where the history is whole. */
export function brokenLine({ history: { problems } }: AuditReport): readonly string[] {
  const [first] = problems.items;
  if (first === undefined) return [];
  const place = first.line === 0 ? first.file : `${first.file}, line ${String(first.line)}`;
  const others = problems.items.length - 1 + problems.omitted;
  const more = others === 0 ? '' : ` (and ${counted(others, 'more problem')})`;
  return [`**✘ The history cannot be trusted: ${literal(`${place}: ${first.problem}`)}${more}**`];
}

function wholeLine({ history: { ok, files, problems }, summary }: AuditReport): string {
  const extent = `${counted(summary.events, 'event')} in ${counted(files.length, 'file')}`;
  if (ok) return `✔ The history is whole: ${extent}, every line carries the hash of the one before.`;
  const rows = problems.items.map(({ file, line, problem }) => [
    file,
    line === 0 ? '–' : String(line),
    problem,
  ]);
  const rest = problems.omitted === 0 ? '' : `\n\n${counted(problems.omitted, 'more problem')} not shown.`;
  return `What follows is what could be read: ${extent}.\n\n${markdownTable(['File', 'Line', 'Problem'], rows)}${rest}`;
}

function summarySection({ period, summary, chaos }: AuditReport): Section {
  const crashes =
    summary.controllerCrashes === 0
      ? ''
      : `, ${String(summary.controllerCrashes)} without an orderly stop before`;
  const rows = [
    [
      'Period',
      period === undefined
        ? 'nothing has happened yet'
        : `${timeWords(period.from)} – ${timeWords(period.to)}`,
    ],
    ['Events', String(summary.events)],
    ['Deployments', String(summary.deployments)],
    ['Promotions', String(summary.promotions)],
    ['Rollbacks', String(summary.rollbacks)],
    ['Failed versions', String(summary.failures)],
    ['Denials', String(summary.denials)],
    ['Overrides', String(summary.overrides)],
    ['Drifts healed', `${String(summary.driftsHealed)} of ${String(summary.driftsDetected)} detected`],
    ['Chaos intervals', String(chaos.items.length + chaos.omitted)],
    ['Controller starts', `${String(summary.controllerStarts)}${crashes}`],
  ];
  return { title: 'Summary', head: ['What', 'How much'], rows, none: '' };
}

function modeSection({ modeChanges }: AuditReport): Section {
  const rows = modeChanges.items.map(({ timestamp, from, to, service, version }) => [
    timeWords(timestamp),
    from,
    to,
    [service, version].filter((word) => word !== undefined).join(' '),
  ]);
  return {
    title: 'Mode Changes',
    head: ['Timestamp', 'From', 'To', 'Service'],
    rows,
    omitted: modeChanges.omitted,
    none: 'The mode never changed.',
  };
}

function violationSection({ policyViolations }: AuditReport): Section {
  const rows = policyViolations.items.map((violation) => [
    rangeTimes(violation),
    verdictWords(violation.infrastructure, violation),
    verdictWords(violation.canary, violation),
    percentWords(violation.errorRatePercent),
    millisecondWords(violation.p99Ms),
    violation.others ?? '',
    violation.service ?? '',
  ]);
  return {
    title: 'Policy Violations',
    head: ['Timestamp', 'Infrastructure', 'Canary', 'Error Rate', 'P99', 'Other Policies', 'Service'],
    rows,
    omitted: policyViolations.omitted,
    none: 'No policy was violated.',
  };
}

function verdictWords(verdict: Verdict | undefined, { noAnswer }: Violation): string {
  if (verdict === 'FAIL' && noAnswer !== undefined) return `✘ no answer (${noAnswer})`;
  return VERDICTS[verdict ?? 'none'];
}

const VERDICTS = { PASS: '✔ PASS', FAIL: '✘ FAIL', none: '–' } as const;

function timelineSection({ timeline, highlights }: AuditReport): Section {
  const picture = mermaidTimeline(highlights);
  return {
    title: 'Timeline',
    ...(picture === undefined ? {} : { before: `${picture}${pictureNote(highlights)}` }),
    head: ['Timestamp', 'Event', 'What happened', 'Lasted'],
    rows: timeline.items.map((entry) => [
      rangeTimes(entry),
      entry.event,
      entry.words,
      entry.count === 1 ? '' : durationWords(Date.parse(entry.to) - Date.parse(entry.from)),
    ]),
    omitted: timeline.omitted,
    none: 'Nothing has happened yet.',
  };
}

function pictureNote({ omitted }: Listing<unknown>): string {
  return omitted === 0 ? '' : `\n\nThe picture leaves out ${counted(omitted, 'earlier event')}.`;
}
