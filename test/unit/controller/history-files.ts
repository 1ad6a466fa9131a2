/** What tests ask of a history on disk. */

import { readEvents } from '../../../src/controller/history/read-events.js';
import type { HistoryEvent } from '../../../src/controller/history/history-event.js';

/** Every event, oldest first. */
export async function allEvents(path: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of readEvents(path)) events.push(event);
  return events;
}

/** The numbers of every event, oldest first. */
export async function allSeqs(path: string): Promise<number[]> {
  return (await allEvents(path)).map(({ seq }) => seq);
}

/** 1 to `last`. */
export function seqsTo(last: number): number[] {
  return Array.from({ length: last }, (_, n) => n + 1);
}
