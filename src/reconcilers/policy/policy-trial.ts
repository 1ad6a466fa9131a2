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
  readonly set: PolicySet;
  readonly found: Found;
  readonly tookMs: number;
}

interface Run {
  readonly set: PolicySet;
  readonly startedAtMs: number;
  readonly stop: AbortController;
  result?: TrialResult;
}

/** Longer than a check takes: one that was followed by another edit may have passed, and then it decides until that one has. */
const PATIENCE_MS = 5000;

/** Whoever waited for a check at the end of the process has nothing to go on with. */
export class Closed extends Error {
  override readonly name = 'Closed';
}

export class PolicyTrial {
  private run: Run | undefined;
  private isClosed = false;
  /** When nothing is left of the newest one. */
  ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: PolicyTrialOptions) {}

  /** One has not ended yet. */
  get isUnderWay(): boolean {
    return this.run !== undefined && this.run.result === undefined;
  }

  /** How the last one ended, told once; that of `set` begins when no other is under way. Throws `Closed` after `close`. */
  take(set: PolicySet): TrialResult | undefined {
    if (this.isClosed) throw new Closed('no policies are checked any more');
    if (this.run !== undefined && this.run.set.revision !== set.revision) this.leave(this.run);
    this.run ??= this.begin(set);
    const { result } = this.run;
    if (result === undefined) return undefined;
    this.run = result.set.revision === set.revision ? undefined : this.begin(set);
    return result;
  }

  /** It is of no use any more. */
  giveUp(): void {
    this.run?.stop.abort();
    this.run = undefined;
  }

  /** Resolves when nothing is left of any, and none begins any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.giveUp();
    await this.ended;
  }

  private leave({ startedAtMs, result }: Run): void {
    if (result === undefined && performance.now() - startedAtMs > PATIENCE_MS) this.giveUp();
  }

  /** After the one before: two at a time would remove each other's containers. */
  private begin(set: PolicySet): Run {
    const run: Run = { set, startedAtMs: performance.now(), stop: new AbortController() };
    this.ended = this.ended.then(async () => {
      const found = await this.check(set, run.stop.signal);
      run.result = { set, found, tookMs: performance.now() - run.startedAtMs };
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
