/** How one simulated rollout went, under whichever rule. */
import { troubleSecond, type Scenario } from './scenario.js';

export interface Outcome {
  /** When traffic was back at stable; absent for a rollout that was not taken back. */
  readonly rolledBackAt?: number;
  /** When the rule let it pass its last weight. */
  readonly passedAt?: number;
  /** First moment at which the rule gave it more weight, or passed it. */
  readonly firstAdvanceAt?: number;
  /** Second in which the canary request was answered by which it is to be caught. */
  readonly dueAt?: number;
  /** Canary requests until the end, since it goes wrong. */
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

  constructor(private readonly scenario: Scenario) {}

  get weight(): number {
    return this.scenario.weights[this.weightIndex] ?? 0;
  }

  get isOver(): boolean {
    return this.outcome.rolledBackAt !== undefined;
  }

  get hasPassed(): boolean {
    return this.outcome.passedAt !== undefined;
  }

  /** The second before `now` went by. */
  count(now: number, requests: number, harm: number): void {
    const { dueAt } = this.outcome;
    const { caughtWithin = Infinity } = this.scenario;
    const seen = this.outcome.requests + (now > troubleSecond(this.scenario) ? requests : 0);
    this.secondsAtWeight += 1;
    this.outcome = {
      ...this.outcome,
      requests: seen,
      harm: this.outcome.harm + harm,
      ...(dueAt === undefined && seen >= caughtWithin ? { dueAt: now } : {}),
    };
  }

  take(now: number, step: Step): void {
    if (step === 'stay') return;
    if (step === 'rollback') {
      this.outcome = { ...this.outcome, rolledBackAt: now };
      return;
    }
    this.outcome = { firstAdvanceAt: now, ...this.outcome };
    if (this.weightIndex < this.scenario.weights.length - 1) {
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
