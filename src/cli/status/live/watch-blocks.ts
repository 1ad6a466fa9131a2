/** The live view without a terminal: the status page again at each interval, each under its time, until interrupted. */
import { EXIT } from '../../basics/exit.js';
import { paintFor, print } from '../../basics/talk.js';
import type { Look } from '../look.js';
import { isReady } from '../state-words.js';
import { statusPage } from '../status-page.js';
import { Ending, onAbort } from './ending.js';
import { LiveSource } from './live-source.js';
import type { WatchOptions } from './watch-options.js';

/** 130 when interrupted; when its reader has gone, 0 if it was Ready then. */
export async function watchBlocks(watch: WatchOptions): Promise<number> {
  const end = new Ending<'interrupted' | 'unread'>();
  let last: Look | undefined;
  const source = new LiveSource({
    ...watch,
    onLook: (look, kind) => {
      last = look;
      if (kind !== 'between') print(block(look));
    },
    onError: end.failed,
  });
  last = await source.first();
  onAbort(watch.stop, () => end.as('interrupted'));
  process.stdout.once('error', () => end.as('unread'));
  await source.start();
  try {
    if ((await end.reached) === 'interrupted') return EXIT.interrupted;
    return isReady(last.status.conditions) ? EXIT.ok : EXIT.failed;
  } finally {
    await source.stop();
  }
}

function block(look: Look): string {
  const now = Date.now();
  const page = statusPage({ look, now, paint: paintFor(process.stdout) });
  return `── ${new Date(now).toISOString()}\n${page}\n`;
}
