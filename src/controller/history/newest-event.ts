/** Looks for an event from the end of a history, rotated files included. It must never change a file. */

import { decodeEvent, type HistoryEvent } from './history-event.js';
import { listRotated, openIfExists } from './history-files.js';
import { readLinesBackwards } from './read-lines.js';

export interface Wanted {
  readonly events: ReadonlySet<string>;
  /** Events up to this number are not looked at; 0 looks at all. */
  readonly after: number;
}

/** The newest of the wanted events of the history at `path`; undefined where there is none. */
export async function newestEvent(path: string, wanted: Wanted): Promise<HistoryEvent | undefined> {
  for (const file of [path, ...(await listRotated(path)).reverse()]) {
    for await (const event of eventsBackwards(file)) {
      if (event.seq <= wanted.after) return undefined;
      if (wanted.events.has(event.event)) return event;
    }
  }
  return undefined;
}

async function* eventsBackwards(path: string): AsyncGenerator<HistoryEvent> {
  const file = await openIfExists(path);
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    for await (const { bytes, isWhole } of readLinesBackwards(file, size)) {
      const event = isWhole ? decodeEvent(bytes) : undefined;
      if (event !== undefined) yield event;
    }
  } finally {
    await file.close();
  }
}
