/** What a row of simulated rollouts comes to. */
import type { Outcome } from './outcome.js';
import { troubleSecond, type Scenario } from './scenario.js';

export interface Row {
  readonly scenario: Scenario;
  readonly ours: readonly Outcome[];
  /** By the rival's name; none in a bake, which nobody else has. */
  readonly rivals: Readonly<Record<string, readonly Outcome[]>>;
  /** What the best rule there can be does on average; absent where nobody knows. */
  readonly leastHarm?: number;
}

export function part<T>(values: readonly T[], isSo: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(isSo).length / values.length;
}

export function quantile(values: readonly number[], at: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(at * sorted.length) - 1)];
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

export function wasTakenBack({ rolledBackAt }: Outcome): boolean {
  return rolledBackAt !== undefined;
}

export function takenBackPart(outcomes: readonly Outcome[] | undefined): number {
  return part(outcomes ?? [], wasTakenBack);
}

export function meanHarm(outcomes: readonly Outcome[] | undefined): number {
  return mean((outcomes ?? []).map(({ harm }) => harm));
}

/** Canary requests until it was taken back, of those that were. */
export function requestsUntilBack(outcomes: readonly Outcome[]): number[] {
  return outcomes.filter(wasTakenBack).map(({ requests }) => requests);
}

/** Since it goes wrong, of those that were taken back. */
export function secondsUntilBack({ scenario, ours }: Row): number[] {
  const since = troubleSecond(scenario);
  return ours.flatMap(({ rolledBackAt }) => (rolledBackAt === undefined ? [] : [rolledBackAt - since]));
}

/** How many times the harm of ours Flagger's is, and could be at most; absent where there is nothing to compare. */
export function harmRatios({ ours, rivals, leastHarm }: Row): { ratio: number; most?: number } | undefined {
  const flagger = rivals['Flagger'];
  if (flagger === undefined) return undefined;
  const ratio = meanHarm(flagger) / Math.max(meanHarm(ours), Number.MIN_VALUE);
  return leastHarm === undefined ? { ratio } : { ratio, most: meanHarm(flagger) / leastHarm };
}

export function secondsUntilAdvance(outcomes: readonly Outcome[]): number[] {
  return outcomes.flatMap(({ firstAdvanceAt }) => (firstAdvanceAt === undefined ? [] : [firstAdvanceAt]));
}
