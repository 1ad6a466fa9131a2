/** Runs a command's checks and prints them: each line as soon as those before it are known, or one JSON document at the end. */
import { CommandError, EXIT } from '../basics/exit.js';
import type { OutputForm } from '../basics/options.js';
import { paintFor, print, talk } from '../basics/talk.js';
import type { Check, CheckResult } from './finding.js';
import { checkLines, checksDocument, nameWidth, summaryLine, type ChecksDocument } from './print-checks.js';
import { runChecks } from './run-checks.js';

export interface ReportOptions {
  readonly command: ChecksDocument['command'];
  readonly output: OutputForm;
  readonly stop: AbortSignal;
}

/** An interruption ends with 130, after every check has cleaned up behind itself. */
export async function reportChecks(
  checks: readonly Check[],
  { command, output, stop }: ReportOptions,
): Promise<readonly CheckResult[]> {
  const width = nameWidth(checks);
  const printLine = (result: CheckResult) => print(checkLines(result, width, paintFor(process.stdout)));
  const results = await runChecks(checks, stop, output === 'text' ? printLine : undefined);
  if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
  if (output === 'json') print(JSON.stringify(checksDocument(command, results), undefined, 2));
  else talk(`\n${summaryLine(results, paintFor(process.stderr))}`);
  return results;
}
