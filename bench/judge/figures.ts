/** What a row of simulated rollouts comes to. */
import type { Outcome } from './outcome.js';
import type { Scenario } from './scenario.js';

export interface Row {
  readonly scenario: Scenario;
  readonly ours: readonly Outcome[];
  /** By the rival's name. */
  readonly rivals: Readonly<Record<string, readonly Outcome[]>>;
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

export function secondsUntilBack(outcomes: readonly Outcome[]): number[] {
  return outcomes.flatMap(({ rolledBackAt }) => (rolledBackAt === undefined ? [] : [rolledBackAt]));
}

export function secondsUntilAdvance(outcomes: readonly Outcome[]): number[] {
  return outcomes.flatMap(({ firstAdvanceAt }) => (firstAdvanceAt === undefined ? [] : [firstAdvanceAt]));
}
