/**
 * What a policy is told of a canary (design §7), as it stands in `input.canary`. Facts only: no verdict and no threshold of ours; the
 * limits that evidence is measured against come from the policy's own data and the manifest. Types only; unknown is absent, never 0.
 */
import type { ErrorOrigin } from './attempt.js';

/** The limits that evidence is about: `data.canary.thresholds`, made stricter by the manifest. */
export interface CanaryLimits {
  readonly max_error_percent: number;
  /** A request is slow that took longer than this, milliseconds. */
  readonly slow_ms: number;
  readonly max_slow_percent: number;
}

export interface CanaryFacts {
  /** Percent of the service's requests, as they are shared out now: all of them while no replica of stable works. */
  readonly weight: number;
  /** Where the rollout stands; `index` counts from 1, `weight` is the share that it gives. `hold_seconds` is absent for a pause. */
  readonly step: {
    readonly index: number;
    readonly count: number;
    readonly weight: number;
    readonly hold_seconds?: number;
    readonly elapsed_seconds: number;
    readonly paused: boolean;
  };
  /** It is promoted, serves everybody and bakes; absent before. Counts are of the bake then, and `stable` is what it was like before. */
  readonly bake?: {
    /** How long it is to bake. */
    readonly seconds: number;
    readonly elapsed_seconds: number;
  };
  /** Since the canary took its first share. */
  readonly elapsed_seconds: number;
  /** Since the canary's last request, or since it took its share. */
  readonly silent_seconds: number;
  readonly deadline_seconds: number;
  /** Canary and stable are made of the same spec: only the mode differs. */
  readonly same_spec: boolean;
  /** Of the whole rollout, so far. */
  readonly canary: TrackFacts;
  /** Absent without a stable version beside it. */
  readonly stable?: TrackFacts;
  readonly evidence: { readonly errors: Evidence; readonly slow: Evidence };
  /** The last 20 seconds in which the canary had requests, oldest first; each with what came since the one before. */
  readonly windows: readonly WindowFacts[];
}

export interface TrackFacts {
  /**
   * Attempts that speak for or against the track: without those that the user gave up, unless the answer had let them wait for longer
   * than is slow.
   */
  readonly requests: number;
  readonly errors: number;
  readonly errors_by_origin: Readonly<Record<ErrorOrigin, number>>;
  readonly client_aborts: number;
  readonly slow: number;
  readonly error_rate_percent?: number;
  /** 95 % confidence sequence, valid at every look. */
  readonly error_interval_percent?: readonly [number, number];
  readonly slow_percent?: number;
  readonly slow_interval_percent?: readonly [number, number];
  /** Since the canary's first share, both: what a replica suffered before is not of this rollout. */
  readonly restarts: number;
  readonly oom_kills: number;
  /** What its replicas' own metrics say; absent where they have none, and until they were read. */
  readonly metrics?: MetricsFacts;
}

/** Of the last seconds, and not of the rollout. */
export interface MetricsFacts {
  readonly window_seconds: number;
  /** Counters that fell though no container was restarted: another process began to count. */
  readonly resets: number;
  /** Replicas that should have answered and did not, each time. */
  readonly missed_scrapes: number;
  /** The worst that a replica says of itself; absent where none says it. */
  readonly chaos?: 'none' | 'slow' | 'error';
}

/**
 * E-values, valid however often one looks: 100 is evidence that a false alarm gives once in a hundred rollouts at most.
 * `worse_than_stable` is of what both tracks answered, and absent until stable had a request.
 */
export interface Evidence {
  readonly limit_percent: number;
  readonly worse_than_limit: number;
  /** Of the canary's requests since stable last answered one, and since the shares last changed: what came before does not count. */
  readonly worse_than_limit_since_stable: number;
  readonly worse_than_limit_since_weight: number;
  readonly better_than_limit: number;
  readonly worse_than_stable?: number;
  /** The canary's, since stable last answered one; since the rollout began where it never did. */
  readonly requests_since_stable: number;
}

export interface WindowFacts {
  readonly seconds: number;
  readonly canary: WindowTally;
  readonly stable?: WindowTally;
}

export interface WindowTally {
  readonly requests: number;
  readonly errors: number;
  readonly slow: number;
}

/** The published names, of the canary's last 30 seconds; absent without a request in them. */
export interface RecentFacts {
  readonly error_rate_percent?: number;
  /** A fraction, as some published policies read it. */
  readonly error_rate?: number;
  readonly p99_latency_ms?: number;
  readonly window_seconds: number;
  readonly requests: number;
}
