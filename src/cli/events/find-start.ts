/** Where to begin to read a history, found from its end: what is older is never read. */
import { readLinesBackwards } from '../../controller/history/read-lines.js';
import { looseEvent, type LooseEvent } from '../telling/loose-event.js';
import { openHistory, type Place } from './history-cursor.js';

export interface Wanted {
  /** Nothing before this time; epoch milliseconds. */
  readonly sinceMs?: number;
  /** At most so many of those that match. */
  readonly count?: number;
  readonly matches: (event: LooseEvent) => boolean;
}

/** Undefined for the very beginning, also where there is no history. */
export async function findStart(path: string, wanted: Wanted): Promise<Place | undefined> {
  if (wanted.sinceMs === undefined && wanted.count === undefined) return undefined;
  const seen = { left: wanted.count ?? Infinity };
  const handles = [...(await openHistory(path))].reverse();
  let place: Place | undefined;
  for (const handle of handles) {
    const offset = place === undefined ? await startIn(handle, wanted, seen) : undefined;
    if (offset === undefined) await handle.close();
    else place = { handle, offset };
  }
  return place;
}

/** Undefined where all of the file is wanted, and perhaps more. */
async function startIn(
  handle: Place['handle'],
  { sinceMs, matches }: Wanted,
  seen: { left: number },
): Promise<number | undefined> {
  const { size } = await handle.stat();
  if (size === 0 && seen.left === 0) return 0;
  for await (const { bytes, offset, isWhole } of readLinesBackwards(handle, size)) {
    // The rest of a line that is being written belongs to what comes.
    if (!isWhole) continue;
    const end = offset + bytes.length + 1;
    if (seen.left === 0) return end;
    const event = looseEvent(bytes);
    if (event === undefined) continue;
    if (sinceMs !== undefined && Date.parse(event.timestamp) < sinceMs) return end;
    if (matches(event)) seen.left -= 1;
    if (seen.left === 0) return offset;
  }
  return undefined;
}
