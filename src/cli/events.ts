/** `swiftdeploy events`: what history.jsonl says, in words or as it stands there; with --follow as it happens. It changes nothing. */
import type { Command } from 'commander';
import type { Line } from '../controller/history/read-lines.js';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { FileWatch } from './basics/file-watch.js';
import { isNoHistory, noHistoryWords } from './basics/no-history.js';
import { countOption, outputOption, type OutputForm } from './basics/options.js';
import { stackPaths, type CommonOptions } from './basics/paths.js';
import { stopSignal } from './basics/signals.js';
import { paintFor, print, talk } from './basics/talk.js';
import { eventLine } from './events/event-line.js';
import { findStart } from './events/find-start.js';
import { HistoryCursor } from './events/history-cursor.js';
import { isOfService } from './events/of-service.js';
import { sinceOption } from './events/since.js';
import { readStatus } from './status/status-document.js';
import { looseEvent, type LooseEvent } from './telling/loose-event.js';

export interface EventsOptions extends CommonOptions {
  readonly follow?: boolean;
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly service?: string;
  readonly count?: number;
  readonly output?: OutputForm;
}

/** Of a history that is followed, where nobody says how many. */
const BEFORE_FOLLOWING = 10;

export function addEvents(program: Command, finish: Finish): void {
  declareForStack(program, 'events', 'events --since 10m', 'events --follow -o json | jq .event')
    .description('what happened, oldest first, from history.jsonl')
    .option(
      '--follow',
      `go on until Ctrl-C, after the newest ${String(BEFORE_FOLLOWING)} or what is asked for`,
    )
    .option('--since <when>', 'not what is older: 10m, or 2026-05-05T20:55:00Z', (value) =>
      sinceOption(value, Date.now()),
    )
    .option('--service <name>', 'only what happened to it')
    .option('-n, --count <count>', 'the newest so many', countOption)
    .addOption(outputOption('lines for people'))
    .action(async (options) => finish(await events(options)));
}

/** Resolves with the exit code: 130 where it was followed until Ctrl-C. */
export async function events(options: EventsOptions): Promise<number> {
  const { history, status } = stackPaths(options);
  const isFollowed = options.follow === true;
  if (!isFollowed && (await isNoHistory(history))) {
    talk(`${noHistoryWords(history)}; --follow waits for it`);
    return EXIT.ok;
  }
  const stop = stopSignal();
  const end = AbortSignal.any([stop, readerGone()]);
  const matches = await filterOf(options, status);
  const cursor = new HistoryCursor(history, await findStart(history, { ...placeOf(options), matches }));
  const watch = isFollowed ? new FileWatch(history) : undefined;
  let unreadable = 0;
  try {
    do {
      for await (const lines of cursor.next()) {
        if (end.aborted) break;
        unreadable += printLines(lines, matches, options);
      }
      await watch?.next(end);
    } while (isFollowed && !end.aborted);
    return stop.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    watch?.close();
    await cursor.close();
    if (unreadable > 0) talk(leftOut(unreadable));
  }
}

function leftOut(count: number): string {
  const lines = count === 1 ? '1 line is' : `${String(count)} lines are`;
  return `${paintFor(process.stderr)('yellow', '!')} ${lines} no event and left out: "swiftdeploy audit" names the place`;
}

/** Fires when nobody reads stdout any more (`events | head`): the stream itself stays writable. */
function readerGone(): AbortSignal {
  const gone = new AbortController();
  process.stdout.once('error', () => gone.abort());
  return gone.signal;
}

function placeOf({ since, count, follow }: EventsOptions): { sinceMs?: number; count?: number } {
  const newest = count ?? (follow === true && since === undefined ? BEFORE_FOLLOWING : undefined);
  return {
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(newest === undefined ? {} : { count: newest }),
  };
}

type Matches = (event: LooseEvent) => boolean;

async function filterOf({ service: name }: EventsOptions, statusPath: string): Promise<Matches> {
  if (name === undefined) return () => true;
  const read = await readStatus(statusPath);
  const stack = read.kind === 'status' ? read.status.stack : undefined;
  return (event) => isOfService(event, { name, stack });
}

/** How many of them cannot be read. */
function printLines(lines: readonly Line[], matches: Matches, { output }: EventsOptions): number {
  const paint = paintFor(process.stdout);
  const read = lines.map(({ bytes }) => ({ bytes, event: looseEvent(bytes) }));
  const told = read.flatMap(({ bytes, event }) => {
    if (event === undefined || !matches(event)) return [];
    return [output === 'json' ? bytes.toString('utf8') : eventLine(event, paint)];
  });
  if (told.length > 0) print(told.join('\n'));
  return read.filter(({ event }) => event === undefined).length;
}
