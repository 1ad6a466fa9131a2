/** The newest events, a line each with its age; looks at the metrics and at canaries are no news. Pure. */
import { ageWords } from '../basics/age-words.js';
import type { Paint } from '../basics/talk.js';
import { eventWords, type ToldEvent } from '../telling/event-words.js';
import { oneLine } from './state-words.js';

export interface News {
  /** Oldest first. */
  readonly events: readonly (ToldEvent & { readonly timestamp: string })[];
}

/** What they saw is on the page. */
const LOOKS: ReadonlySet<string> = new Set(['status_scrape', 'canary_look']);

/** Oldest first. */
export function newsLines(
  { events }: News,
  { count, now, paint }: { readonly count: number; readonly now: number; readonly paint: Paint },
): string[] {
  const news = events.filter(({ event }) => !LOOKS.has(event)).slice(-count);
  const ages = news.map(({ timestamp }) => ageWords(timestamp, now));
  const width = Math.max(...ages.map(({ length }) => length));
  return news.map(
    (event, index) =>
      `  ${paint('dim', (ages[index] ?? '').padEnd(width))}  ${oneLine(eventWords(event, paint))}`,
  );
}
