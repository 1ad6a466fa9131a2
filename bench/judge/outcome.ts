/** How one simulated rollout went, under whichever rule. */
export interface Outcome {
  /** When traffic was back at stable; absent for a rollout that was not taken back. */
  readonly rolledBackAt?: number;
  /** When the rule let it pass its last weight. */
  readonly passedAt?: number;
  /** First moment at which the rule gave it more weight, or passed it. */
  readonly firstAdvanceAt?: number;
  /** Second in which the fifth canary request was answered. */
  readonly fifthRequestAt?: number;
  /** Canary requests until the end. */
  readonly requests: number;
  /** Failed or slow ones among them. */
  readonly harm: number;
}

export type Step = 'advance' | 'rollback' | 'stay';

/** Keeps a rollout's outcome while its seconds go by. */
export class Progress {
  weightIndex = 0;
  secondsAtWeight = 0;
  private outcome: Outcome = { requests: 0, harm: 0 };

  constructor(private readonly weights: readonly number[]) {}

  get weight(): number {
    return this.weights[this.weightIndex] ?? 0;
  }

  get isOver(): boolean {
    return this.outcome.rolledBackAt !== undefined;
  }

  get hasPassed(): boolean {
    return this.outcome.passedAt !== undefined;
  }

  /** The second before `now` went by. */
  count(now: number, requests: number, harm: number): void {
    const { fifthRequestAt } = this.outcome;
    const seen = this.outcome.requests + requests;
    this.secondsAtWeight += 1;
    this.outcome = {
      ...this.outcome,
      requests: seen,
      harm: this.outcome.harm + harm,
      ...(fifthRequestAt === undefined && seen >= 5 ? { fifthRequestAt: now } : {}),
    };
  }

  take(now: number, step: Step): void {
    if (step === 'stay') return;
    if (step === 'rollback') {
      this.outcome = { ...this.outcome, rolledBackAt: now };
      return;
    }
    this.outcome = { firstAdvanceAt: now, ...this.outcome };
    if (this.weightIndex < this.weights.length - 1) {
      this.weightIndex += 1;
      this.secondsAtWeight = 0;
    } else {
      this.outcome = { passedAt: now, ...this.outcome };
    }
  }

  end(): Outcome {
    return this.outcome;
  }
}
