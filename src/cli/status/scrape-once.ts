/** The controller's look at the metrics, by a command: where nobody has the stack's lock, one scrape, told and written as the controller would. */
import { join } from 'node:path';
import { StatusFile } from '../../controller/status-file.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { askMetrics } from '../../reconcilers/traffic/ask-metrics.js';
import { keptFrom, lookOnce } from '../../reconcilers/traffic/look-once.js';
import { ScrapeStory, wordsOf } from '../../reconcilers/traffic/scrape-story.js';
import { runningServices, type ScrapedService } from '../../reconcilers/traffic/targets.js';
import { withTraffic, type Traffic } from '../../reconcilers/traffic/traffic.js';
import { knownStack } from '../basics/known-stack.js';
import { tryLock } from '../basics/lock.js';
import { stackPaths, type CommonOptions, type StackPaths } from '../basics/paths.js';
import { openSession, type Session } from '../basics/session.js';
import { openStack, type OpenStack } from '../loop/open-stack.js';
import type { Reporter } from '../telling/reporter.js';
import { askNow, type AskedNow } from './ask-now.js';
import { newestEvents } from './history-view.js';
import { readStatus } from './status-document.js';
import { withAnswers } from './with-answers.js';
import { withLooks } from './with-looks.js';

/** In every case but `scraped` nothing was changed. */
export type ScrapeEnd = 'scraped' | 'controller runs' | 'nothing deployed' | 'no engine';

const ENGINE_TIMEOUT_MS = 2000;

/**
 * Brings the traffic fields of status.json and the history up to date when no controller does that; a fraction of a second, or two
 * where nothing is known of the past. Rejects for what the caller should tell: a full disk, a `stop` that fired.
 */
export async function scrapeOnce(
  options: CommonOptions,
  stop: AbortSignal = new AbortController().signal,
): Promise<ScrapeEnd> {
  const paths = stackPaths(options);
  const [stack, status] = await Promise.all([knownStack(paths.stateDir), readStatus(paths.status)]);
  if (stack === undefined || status.kind !== 'status') return 'nothing deployed';
  const session = await sessionOf(options, stop);
  if (session === undefined) return 'no engine';
  const lock = await tryLock(session, stack.name, 'look');
  if ('heldBy' in lock) return 'controller runs';
  const open = await openStack({ session, stack, lock, reporter: SILENT });
  try {
    return await scrape(open, session, stack);
  } finally {
    await open.close();
  }
}

/** An engine that is away is no reason to complain: what was seen last is still worth a page. */
async function sessionOf(options: CommonOptions, stop: AbortSignal): Promise<Session | undefined> {
  try {
    return await openSession(options, { timeoutMs: ENGINE_TIMEOUT_MS, stop });
  } catch (error) {
    if (stop.aborted) throw error;
    return undefined;
  }
}

async function scrape(open: OpenStack, { paths, stop }: Session, stack: StackSpec): Promise<ScrapeEnd> {
  const { parts, state } = open;
  const world = await parts.observer.observe(stack, state.memory);
  if (world.containers.length === 0) return 'nothing deployed';
  const services = runningServices(stack, state.memory, world.containers);
  const samples = new StatusFile(join(paths.stateDir, 'traffic.json'), { mode: 0o600 });
  const kept = keptFrom(await samples.read());
  const ask = askMetrics(() => parts.proxy.admin());
  const [look, asked] = await Promise.all([
    lookOnce(services, { ask, kept, signal: stop }),
    askNow(open, { stack, world, stateDir: paths.stateDir, signal: stop }),
  ]);
  await tell(open, paths, { services, traffic: look.traffic, ...asked });
  await samples.write(look.kept);
  return 'scraped';
}

interface Seen extends AskedNow {
  readonly services: readonly ScrapedService[];
  readonly traffic: Traffic;
}

/** Events first, then the status, as the controller does it. */
async function tell({ parts, state: { memory } }: OpenStack, paths: StackPaths, seen: Seen): Promise<void> {
  const read = await readStatus(paths.status);
  if (read.kind !== 'status') return;
  const story = new ScrapeStory();
  story.recall(await newestEvents(paths.history, Number.MAX_SAFE_INTEGER));
  for (const { name, traffic } of read.status.services) story.chaosEvents(name, traffic?.chaos);
  const now = new Date();
  for (const service of seen.services) {
    const words = wordsOf(seen.answers.get(service.name) ?? []);
    for (const event of story.tell(service, seen.traffic, words, now.getTime()))
      await parts.history.append(event);
  }
  const answers = [...seen.answers.values()].flat();
  const looked = withLooks(withTraffic(read.status, seen.traffic), { ...seen, memory }, now);
  await parts.status.write(withAnswers(looked, answers, now));
}

/** The page says it all. */
const SILENT: Reporter = {
  onStep: () => undefined,
  onEvent: () => undefined,
  onTick: () => undefined,
  onNotice: () => undefined,
  onProgress: () => undefined,
  onState: () => undefined,
  onEnd: () => undefined,
  hasTold: () => false,
};
