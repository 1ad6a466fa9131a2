/** The check of a policy set beside whatever else is done: one at a time, of the newest set that anybody asked about. */
import type { PolicyCheck } from './check-policies.js';
import type { PolicySet } from './policy-set.js';

/** A sentence when the check could not be carried out; undefined when it cannot be run yet (no image). */
export type Found = PolicyCheck | string | undefined;

export interface PolicyTrialOptions {
  readonly check: (set: PolicySet, signal: AbortSignal) => Promise<PolicyCheck | undefined>;
  /** One has ended: `take` tells how. */
  readonly onTried?: () => void;
}

export interface TrialResult {
  readonly found: Found;
  readonly tookMs: number;
}

interface Run {
  readonly revision: string;
  readonly stop: AbortController;
  result?: TrialResult;
}

export class PolicyTrial {
  private run: Run | undefined;
  /** When nothing is left of the newest one. */
  ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: PolicyTrialOptions) {}

  /** Begins at the first call for this set. How it ended is told once, at the first call after its end. */
  take(set: PolicySet): TrialResult | undefined {
    this.giveUpOther(set.revision);
    this.run ??= this.begin(set);
    const { result } = this.run;
    if (result !== undefined) this.run = undefined;
    return result;
  }

  /** That of any other set is of no use any more; without a revision, that of any. */
  giveUpOther(revision?: string): void {
    if (this.run?.revision === revision) return;
    this.run?.stop.abort();
    this.run = undefined;
  }

  /** After the one before: two at a time would remove each other's containers. */
  private begin(set: PolicySet): Run {
    const run: Run = { revision: set.revision, stop: new AbortController() };
    this.ended = this.ended.then(async () => {
      const startedAt = performance.now();
      const found = await this.check(set, run.stop.signal);
      run.result = { found, tookMs: performance.now() - startedAt };
      if (!run.stop.signal.aborted) this.options.onTried?.();
    });
    return run;
  }

  private async check(set: PolicySet, signal: AbortSignal): Promise<Found> {
    try {
      return await this.options.check(set, signal);
    } catch (error) {
      return `the policies could not be checked: ${error instanceof Error ? error.message : 'unknown failure'}`;
    }
  }
}
