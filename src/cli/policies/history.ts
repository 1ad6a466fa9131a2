/** `swiftdeploy policies history`: which policies took over or were refused, and which decide now. It changes nothing. */
import type { Command } from 'commander';
import { StateStore } from '../../reconcilers/stack-state.js';
import { declareForStack, type Finish } from '../basics/command.js';
import { EXIT } from '../basics/exit.js';
import { isNoHistory, noHistoryWords } from '../basics/no-history.js';
import { countOption, outputOption, type OutputForm } from '../basics/options.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';
import { paintFor, print, talk } from '../basics/talk.js';
import { findStart } from '../events/find-start.js';
import { HistoryCursor } from '../events/history-cursor.js';
import { looseEvent, type LooseEvent } from '../telling/loose-event.js';
import { historyPage, isOfPolicies, revisionsDocument } from './revisions.js';

export interface PoliciesHistoryOptions extends CommonOptions {
  readonly count: number;
  readonly output?: OutputForm;
}

const COUNT = 20;

export function addPoliciesHistory(group: Command, finish: Finish): void {
  declareForStack(group, 'history', 'policies history', 'policies history -n 3 -o json')
    .description('which policies took over or were refused, and when; which decide now')
    .option('-n, --count <count>', 'the newest so many', countOption, COUNT)
    .addOption(outputOption('a line per revision'))
    .action(async (options) => finish(await policiesHistory(options)));
}

/** Resolves with the exit code. */
export async function policiesHistory(options: PoliciesHistoryOptions): Promise<number> {
  const { history, stateDir } = stackPaths(options);
  if (await isNoHistory(history)) talk(noHistoryWords(history));
  const { state } = await new StateStore(stateDir).peek();
  const events = await policyEvents(history, options.count);
  const document = revisionsDocument(events, state.policyRevision);
  if (options.output === 'json') print(JSON.stringify(document, undefined, 2));
  else print(historyPage(document, paintFor(process.stdout)));
  return EXIT.ok;
}

/** The newest `count`, oldest first. */
async function policyEvents(path: string, count: number): Promise<readonly LooseEvent[]> {
  const cursor = new HistoryCursor(path, await findStart(path, { count, matches: isOfPolicies }));
  const found: LooseEvent[] = [];
  try {
    for await (const lines of cursor.next())
      found.push(...lines.flatMap(({ bytes }) => looseEvent(bytes) ?? []).filter(isOfPolicies));
    return found;
  } finally {
    await cursor.close();
  }
}
