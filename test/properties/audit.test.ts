import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditReport, type AuditReport } from '../../src/cli/audit/audit-report.js';
import { readAudit } from '../../src/cli/audit/read-audit.js';
import { reportPage } from '../../src/cli/audit/report-page.js';
import { HISTORY_EVENTS } from '../../src/controller/history/history-event.js';

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swiftdeploy-test-'));
});

afterAll(() => rm(dir, { recursive: true }));

async function reportOf(bytes: Uint8Array | string): Promise<AuditReport> {
  const path = join(dir, 'history.jsonl');
  await writeFile(path, bytes);
  const reading = await readAudit(path);
  return auditReport({ reading, stack: 'stack', authors: undefined });
}

const HEADINGS = [
  'Summary',
  'Mode Changes',
  'Policy Violations',
  'Timeline',
  'Deployments',
  'Rollouts',
  'Denials',
  'Drift',
];

/** Fields that the report reads, with values that it does not expect. */
const FIELDS = [
  'service',
  'version',
  'generation',
  'reasons',
  'domains',
  'question',
  'target',
  'kind',
  'cause',
  'mode',
  'target_mode',
  'chaos',
  'log',
  'message',
  'problems',
  'duration_ms',
  'error_rate_percent',
  'policy_canary_pass',
  'sha256',
  'track',
  'from',
  'step',
  'steps',
  'weight',
  'verdict',
  'canary',
];

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(fc.constantFrom('|', '`', '\n', '\\', '<b>', ': ', '#', ';', '%%', '```', '{', '_x_', '\u2028'), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
  fc.jsonValue({ maxDepth: 2 }),
);

const event = fc.tuple(
  fc.oneof(fc.constantFrom(...HISTORY_EVENTS), fc.constantFrom('constructor', '__proto__', ''), fc.string()),
  fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.string(),
  ),
  fc.dictionary(fc.constantFrom(...FIELDS), nasty, { maxKeys: 8 }),
);

const lines = fc
  .array(event, { maxLength: 12 })
  .map((events) =>
    events
      .map(([name, timestamp, fields]) => `${JSON.stringify({ ...fields, event: name, timestamp })}\n`)
      .join(''),
  );

/** Of a line of a table: its cells' borders are the bars that no backslash escapes. */
function borders(line: string): number {
  return line.replaceAll(/\\./g, '').split('|').length - 1;
}

/** Every line of a table has as many cells as its head; what is in a cell has no markup. */
function checkTables(page: string): void {
  for (const table of page
    .trimEnd()
    .split('\n\n')
    .filter((block) => block.startsWith('|'))) {
    const [head = '', ...rows] = table.split('\n');
    for (const row of rows) expect(borders(row), row).toBe(borders(head));
    expect(table).not.toMatch(/<|(?<!\\)`/);
  }
}

/** Mermaid's grammar of a timeline: sections, and periods with texts, parted by ` : `. */
function checkPicture(page: string): void {
  const [, picture] = /```mermaid\ntimeline\n(.*?)\n```/s.exec(page) ?? [];
  for (const line of picture?.split('\n') ?? [])
    expect(line).toMatch(/^ {4}section [^:#;\n%]+$|^ {8}[^:#;\n%]+ : (?:(?!%%|[:#;{}<>`]).)+$/);
}

test('any bytes give a report with its headings, and are never believed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
      const report = await reportOf(bytes);
      const page = reportPage(report);
      for (const heading of HEADINGS) expect(page).toContain(`\n## ${heading}\n`);
      expect(page).toMatch(/^\*\*✘ The history cannot be trusted: [^\n]*\*\*\n/);
    }),
    { numRuns: 150 },
  );
});

test('events with any fields give tables and a picture that hold, and the same page each time', async () => {
  await fc.assert(
    fc.asyncProperty(lines, async (text) => {
      const page = reportPage(await reportOf(text));
      for (const heading of HEADINGS) expect(page).toContain(`\n## ${heading}\n`);
      checkTables(page);
      checkPicture(page);
      expect(reportPage(await reportOf(text))).toBe(page);
    }),
    { numRuns: 150 },
  );
});
