/** What people are told of a stack's traffic: the traffic fields of status.json, and how they get there. Types and pure functions. */

export const CHAOS_MODES = ['none', 'slow', 'error'] as const;
export type ChaosMode = (typeof CHAOS_MODES)[number];

export interface ServiceTraffic {
  /** ISO 8601: when anything in this service's figures last changed. */
  readonly scrapedAt: string;
  /** How long the figures of the tracks look back. */
  readonly windowSeconds: number;
  readonly chaos?: ChaosMode;
  /** At `scrapedAt`, of the replica that started last. */
  readonly uptimeSeconds?: number;
}

/** Of the window; what is unknown is absent: without requests there is no error rate and no latency. */
export interface TrackTraffic {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Absent where the metrics name no status codes. */
  readonly errors?: number;
  readonly errorRatePercent?: number;
  readonly p50LatencyMs?: number;
  readonly p99LatencyMs?: number;
  /** Replicas that should have answered and did not; absent when none. */
  readonly missedScrapes?: number;
}

/** One service's figures; absent for services of which nothing is known. */
export interface TrafficFigures {
  readonly service: ServiceTraffic;
  /** By `trackKey`. */
  readonly tracks: ReadonlyMap<string, TrackTraffic>;
}

/** By the service's name. */
export type Traffic = ReadonlyMap<string, TrafficFigures>;

export function trackKey({ track, specHash }: { readonly track: string; readonly specHash: string }): string {
  return `${track}/${specHash}`;
}

interface TrackPart {
  readonly track: string;
  readonly specHash: string;
}

interface ServicePart {
  readonly name: string;
  readonly tracks: readonly TrackPart[];
}

/** The document with these figures and no others. */
export function withTraffic<S extends { readonly services: readonly ServicePart[] }>(
  status: S,
  traffic: Traffic,
): S {
  const services = status.services.map((service) => {
    const figures = traffic.get(service.name);
    const tracks = service.tracks.map((track) => withField(track, figures?.tracks.get(trackKey(track))));
    return withField({ ...service, tracks }, figures?.service);
  });
  return { ...status, services };
}

function withField(part: object, traffic: ServiceTraffic | TrackTraffic | undefined): object {
  const rest = Object.fromEntries(Object.entries(part).filter(([field]) => field !== 'traffic'));
  return traffic === undefined ? rest : { ...rest, traffic };
}
