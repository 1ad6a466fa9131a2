/** One canary as the history tells it, while it is being read: its steps, what each look said, how it ended. Memory is bounded. */
import { finite, span, text, type AuditEvent } from './audit-event.js';
import { Newest, type Listing } from './bounded.js';

export type RolloutOutcome =
  /** It has not ended yet. */
  | 'goes on'
  | 'promoted'
  /** By a verdict, or because it failed while it had a share. */
  | 'rolled back'
  /** By a person. */
  | 'aborted'
  /** It never got a share, or was not taken back from it. */
  | 'failed'
  /** Another version took its place. */
  | 'superseded'
  /** With its service. */
  | 'removed';

export interface Rollout {
  readonly service: string;
  readonly version?: string;
  readonly started: string;
  readonly ended?: string;
  readonly tookMs?: number;
  readonly outcome: RolloutOutcome;
  /** Why it ended. */
  readonly message?: string;
  readonly steps: Listing<RolloutStep>;
}

export interface RolloutStep {
  readonly step: number;
  readonly steps: number;
  /** Percent. */
  readonly weight: number;
  readonly paused: boolean;
  /** Present for the bake after the promotion. */
  readonly bakes?: true;
  /** Why it had another share than its step's, or that again; absent for a step. */
  readonly cause?: string;
  readonly from: string;
  to?: string;
  looks: number;
  /** The canary's, at this step; absent without a look. */
  requests?: number;
  errors?: number;
  slow?: number;
  /** Of the last look. */
  verdict?: string;
}

const MOST_STEPS = 100;

interface Counts {
  readonly requests: number;
  readonly errors: number;
  readonly slow: number;
}

const NONE: Counts = { requests: 0, errors: 0, slow: 0 };

export class RolloutNote {
  readonly specHash: string | undefined;
  readonly #steps = new Newest<RolloutStep>(MOST_STEPS);
  /** The counts are of the whole rollout: what they were when the step began. */
  #before = NONE;
  #last = NONE;
  #end: Pick<Rollout, 'ended' | 'outcome' | 'message'> = { outcome: 'goes on' };

  constructor(
    readonly service: string,
    readonly version: string | undefined,
    private readonly begin: AuditEvent,
  ) {
    this.specHash = text(begin.spec_hash);
  }

  get outcome(): RolloutOutcome {
    return this.#end.outcome;
  }

  step(event: AuditEvent): void {
    this.#close(event.timestamp);
    const bakes = event.bake_seconds !== undefined;
    // A bake is counted from its beginning.
    if (bakes) this.#last = NONE;
    this.#before = this.#last;
    this.#steps.push({
      step: finite(event.step) ?? 0,
      steps: finite(event.steps) ?? 0,
      weight: finite(event.weight) ?? 0,
      paused: event.paused === true,
      ...(bakes ? { bakes } : {}),
      ...(event.event === 'canary_share' ? { cause: text(event.cause) ?? '' } : {}),
      from: event.timestamp,
      looks: 0,
    });
  }

  look(event: AuditEvent): void {
    const counts = countsOf(event.canary);
    const { last } = this.#steps;
    if (last === undefined) return;
    // A step is told when it is served: the first look at it comes before, and its figures are still the last one's.
    if ((finite(event.step) ?? 0) <= last.step) {
      last.looks += 1;
      const verdict = text(event.verdict);
      if (verdict !== undefined) last.verdict = verdict;
    }
    if (counts === undefined) return;
    // What was counted anew, by other limits, is counted from its beginning.
    if (counts.requests < this.#last.requests) this.#before = NONE;
    this.#last = counts;
    Object.assign(last, minus(counts, this.#before));
  }

  end(outcome: RolloutOutcome, { timestamp }: AuditEvent, message: string | undefined): void {
    this.#close(timestamp);
    this.#end = { outcome, ended: timestamp, ...(message === undefined ? {} : { message }) };
  }

  rollout(): Rollout {
    const { service, version, begin } = this;
    const { ended } = this.#end;
    const tookMs =
      ended === undefined || begin.timestamp === ended ? undefined : span(begin.timestamp, ended);
    return {
      service,
      ...(version === undefined ? {} : { version }),
      started: begin.timestamp,
      ...this.#end,
      ...(tookMs === undefined ? {} : { tookMs }),
      steps: this.#steps.listing(),
    };
  }

  #close(timestamp: string): void {
    const { last } = this.#steps;
    if (last !== undefined) last.to ??= timestamp;
  }
}

function countsOf(track: unknown): Counts | undefined {
  if (typeof track !== 'object' || track === null) return undefined;
  const { requests, errors, slow } = track as Partial<Record<string, unknown>>;
  const count = finite(requests);
  return count === undefined
    ? undefined
    : { requests: count, errors: finite(errors) ?? 0, slow: finite(slow) ?? 0 };
}

function minus(counts: Counts, before: Counts): Counts {
  return {
    requests: Math.max(0, counts.requests - before.requests),
    errors: Math.max(0, counts.errors - before.errors),
    slow: Math.max(0, counts.slow - before.slow),
  };
}
