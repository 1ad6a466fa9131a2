/** `swiftdeploy rollout history`: every canary that there was, from history.jsonl. It changes nothing. */
import type { Command } from 'commander';
import { readHistoryBatches } from '../../controller/history/read-events.js';
import { bounded } from '../audit/audit-event.js';
import type { Listing } from '../audit/bounded.js';
import type { Rollout } from '../audit/rollout-note.js';
import { Rollouts } from '../audit/rollouts.js';
import { declareForStack, type Finish } from '../basics/command.js';
import { EXIT } from '../basics/exit.js';
import { noHistoryWords } from '../basics/no-history.js';
import { countOption, outputOption, type OutputForm } from '../basics/options.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';
import { paintFor, print, talk } from '../basics/talk.js';
import { readStatus } from '../status/status-document.js';
import { looseEvent, type LooseEvent } from '../telling/loose-event.js';
import { historyLines } from './history-lines.js';
import { noService } from './no-service.js';

interface RolloutHistoryOptions extends CommonOptions {
  readonly service?: string;
  readonly count: number;
  readonly output?: OutputForm;
}

const COUNT = 20;

export function addRolloutHistory(group: Command, finish: Finish): void {
  declareForStack(group, 'history', 'rollout history', 'rollout history -n 3 -o json')
    .description('every canary that there was: its steps, how long it took, how it ended')
    .option('--service <name>', 'only those of this one')
    .option('-n, --count <count>', 'the newest so many', countOption, COUNT)
    .addOption(outputOption('lines for people'))
    .action(async (options: RolloutHistoryOptions) => finish(await rolloutHistory(options)));
}

/** Resolves with the exit code. */
async function rolloutHistory(options: RolloutHistoryOptions): Promise<number> {
  const rollouts = await readRollouts(options);
  if (options.output === 'json') print(JSON.stringify(documentOf(rollouts), null, 2));
  else print(historyLines(rollouts, paintFor(process.stdout)).join('\n'));
  return EXIT.ok;
}

async function readRollouts(options: RolloutHistoryOptions): Promise<Listing<Rollout>> {
  const { history, status } = stackPaths(options);
  const rollouts = new Rollouts(options.count);
  let files = 0;
  let isKnown = false;
  for await (const { lines, firstLine } of readHistoryBatches(history)) {
    if (firstLine === 1) files += 1;
    for (const { bytes } of lines) {
      const event = looseEvent(bytes);
      if (event === undefined || !isAbout(event, options.service)) continue;
      isKnown ||= names(event, options.service);
      rollouts.add(bounded(event));
    }
  }
  if (files === 0) talk(noHistoryWords(history));
  if (!isKnown) await refuseUnknown(options.service, status);
  return rollouts.listing();
}

/** Or about the whole stack. */
function isAbout(event: LooseEvent, service: string | undefined): boolean {
  return service === undefined || event.service === undefined || event.service === service;
}

function names({ service, removed }: LooseEvent, name: string | undefined): boolean {
  return name === undefined || service === name || (Array.isArray(removed) && removed.includes(name));
}

/** What the history does not tell of may still be a service, to which nothing has happened. */
async function refuseUnknown(name: string | undefined, path: string): Promise<void> {
  const read = await readStatus(path);
  if (name === undefined || read.kind !== 'status') return;
  const { services } = read.status;
  if (!services.some((service) => service.name === name)) throw noService(name, services);
}

/** schema/rollout-history.schema.json */
function documentOf({ omitted, items }: Listing<Rollout>) {
  return { apiVersion: 'swiftdeploy/v1', kind: 'RolloutHistory', omitted, rollouts: items };
}
