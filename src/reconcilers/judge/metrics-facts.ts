/** What a track's own metrics say of it, as a policy reads it. */
import type { MetricsTroubles } from '../traffic/service-book.js';
import type { MetricsFacts, TrackFacts } from './canary-facts.js';

/** `read`: absent where nothing is known. */
export function withMetrics(facts: TrackFacts, read: MetricsTroubles | undefined): TrackFacts {
  return read === undefined ? facts : { ...facts, metrics: metricsFacts(read) };
}

function metricsFacts({ windowSeconds, resets, missedScrapes, chaos }: MetricsTroubles): MetricsFacts {
  return {
    window_seconds: windowSeconds,
    resets,
    missed_scrapes: missedScrapes,
    ...(chaos === undefined ? {} : { chaos }),
  };
}
