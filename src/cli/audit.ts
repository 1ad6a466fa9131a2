/** `swiftdeploy audit`: what happened, from history.jsonl, as a page of Markdown or as JSON; the chain is verified first. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { auditReport, type AuditReport } from './audit/audit-report.js';
import { manifestAuthors } from './audit/manifest-authors.js';
import { readAudit, type HistoryReading } from './audit/read-audit.js';
import { brokenLine, reportPage } from './audit/report-page.js';
import { writeReport } from './audit/write-report.js';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { noHistoryWords } from './basics/no-history.js';
import { stackPaths, type CommonOptions, type StackPaths } from './basics/paths.js';
import { print, talk } from './basics/talk.js';
import { StateStore } from '../reconcilers/stack-state.js';
import { readStatus } from './status/status-document.js';

export interface AuditOptions extends CommonOptions {
  readonly output?: string;
  /** `-o`: what stdout gets. */
  readonly o?: 'text' | 'json';
}

const REPORT = 'audit_report.md';

export function addAudit(program: Command, finish: Finish): void {
  declareForStack(program, 'audit', 'audit', 'audit --output report.md', 'audit -o json | jq .summary')
    .description('what happened, from history.jsonl; exit code 1 when its hash chain is broken')
    .option('--output <file>', `the report, as Markdown (default: ${REPORT}; with -o json none)`)
    .addOption(new Option('-o <form>', 'json prints the facts on stdout').choices(['text', 'json']))
    .action(async (options) => finish(await audit(options)));
}

/** Resolves with the exit code: 1 when the history is not whole. */
export async function audit(options: AuditOptions): Promise<number> {
  const paths = stackPaths(options);
  const report = await reportOn(paths);
  const { ok, files } = report.history;
  const isNone = ok && files.length === 0;
  for (const line of brokenLine(report)) talk(line.replaceAll('**', ''));
  if (isNone) talk(noHistoryWords(paths.history));
  if (options.o === 'json') print(JSON.stringify(report, null, 2));
  // After a `teardown --clean` the report of before is all that is left: nothing takes its place.
  if (!isNone && (options.o !== 'json' || options.output !== undefined)) {
    const file = resolve(options.output ?? REPORT);
    const isFile = await writeReport(file, reportPage(report));
    if (isFile && options.o !== 'json') print(file);
  }
  return ok ? EXIT.ok : EXIT.failed;
}

async function reportOn(paths: StackPaths): Promise<AuditReport> {
  const read = await readStatus(paths.status);
  const { stack }: { readonly stack?: unknown } = read.kind === 'status' ? read.status : {};
  const lastSeq = await notedSeq(paths);
  const [reading, authors] = await Promise.all([
    readWhole(paths.history, lastSeq),
    manifestAuthors(paths.manifest),
  ]);
  return auditReport({ reading, authors, stack: typeof stack === 'string' ? stack : undefined });
}

/** Of the last event that the stack's notes know of; undefined without them, and for whoever may not read them. */
async function notedSeq({ stateDir }: StackPaths): Promise<number | undefined> {
  const { state } = await new StateStore(stateDir).peek();
  return state.history?.seq;
}

const LOOKS = 3;
const PAUSE_MS = 200;

/** A last line that is being written at this moment is not torn: it is looked at again. */
async function readWhole(path: string, lastSeq: number | undefined): Promise<HistoryReading> {
  for (let look = 1; ; look += 1) {
    const reading = await readAudit(path, lastSeq);
    if (!reading.endsTorn || look === LOOKS) return reading;
    const size = await sizeOf(path);
    await sleep(PAUSE_MS);
    if ((await sizeOf(path)) === size) return reading;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
