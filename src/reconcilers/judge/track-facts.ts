/** A track's tally as a policy reads it. */
import type { TrackFacts } from './canary-facts.js';
import { intervalPercent } from './evidence.js';
import type { TrackTally } from './track-tally.js';

/** What happened to a track's containers meanwhile. */
export interface TrackTroubles {
  readonly restarts: number;
  readonly oomKills: number;
}

export function trackFacts(tally: TrackTally, { restarts, oomKills }: TrackTroubles): TrackFacts {
  const { requests, errors, slow } = tally;
  return {
    requests,
    errors,
    errors_by_origin: { ...tally.byOrigin },
    client_aborts: tally.clientAborts,
    slow,
    ...rates(tally),
    restarts,
    oom_kills: oomKills,
  };
}

/** Of no request there is no rate. */
function rates({ requests, errors, slow }: TrackTally): Partial<TrackFacts> {
  const errorInterval = intervalPercent(requests, errors);
  const slowInterval = intervalPercent(requests, slow);
  if (errorInterval === undefined || slowInterval === undefined) return {};
  return {
    error_rate_percent: (100 * errors) / requests,
    error_interval_percent: errorInterval,
    slow_percent: (100 * slow) / requests,
    slow_interval_percent: slowInterval,
  };
}
