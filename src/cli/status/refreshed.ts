/** Fresh figures before a look: where no controller measures, this command does; what fails is told, and hides nothing. */
import { CommandError, EXIT } from '../basics/exit.js';
import type { CommonOptions } from '../basics/paths.js';
import { words } from '../basics/talk.js';
import { scrapeOnce } from './scrape-once.js';

/** `stale`: nobody measures now, so what status.json says may be long ago. */
export interface Refreshed {
  readonly freshness: 'fresh' | 'stale';
  /** Why, where it is no matter of course. */
  readonly trouble?: string;
}

/** Rejects only when `stop` fired. */
export async function refreshed(options: CommonOptions, stop: AbortSignal): Promise<Refreshed> {
  try {
    const end = await scrapeOnce(options, stop);
    return { freshness: end === 'scraped' || end === 'controller runs' ? 'fresh' : 'stale' };
  } catch (error) {
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
    return { freshness: 'stale', trouble: `the figures could not be measured anew: ${words(error)}` };
  }
}
