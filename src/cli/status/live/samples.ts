/** What the live view remembers of each track while it is open, for its sparklines. Pure; nothing of it is kept on disk. */
import type { ServiceStatus, TrackStatus } from '../status-document.js';

/** What was measured at one look; unknown is undefined, never 0. */
export interface Sample {
  readonly requestsPerSecond: number | undefined;
  readonly errorRatePercent: number | undefined;
  readonly p99LatencyMs: number | undefined;
}

/** The samples of each track, oldest first, by `sampleKey`. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** More than the widest terminal shows. */
const KEPT = 240;

const NOTHING: Sample = {
  requestsPerSecond: undefined,
  errorRatePercent: undefined,
  p99LatencyMs: undefined,
};

export function sampleKey(service: string, track: string): string {
  return `${service}/${track}`;
}

/** One more sample of every track; what could not be measured anew leaves a gap, a track that left is forgotten. */
export function withSample(
  samples: Samples,
  services: readonly ServiceStatus[],
  freshness: 'fresh' | 'stale',
): Samples {
  const entries = services.flatMap(({ name, tracks }) =>
    tracks.map((track) => {
      const key = sampleKey(name, track.track);
      const sample = freshness === 'fresh' ? sampleOf(track) : NOTHING;
      return [key, [...(samples.get(key) ?? []), sample].slice(-KEPT)] as const;
    }),
  );
  return new Map(entries);
}

function sampleOf({ traffic }: TrackStatus): Sample {
  return {
    requestsPerSecond: traffic?.requestsPerSecond,
    errorRatePercent: traffic?.errorRatePercent,
    p99LatencyMs: traffic?.p99LatencyMs,
  };
}
