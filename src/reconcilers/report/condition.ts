/** What every condition is made with. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import type { OpenDrift } from './drift.js';
import type { TickResult } from './tick-result.js';

export interface ConditionFacts extends TickResult {
  readonly drifts: readonly OpenDrift[];
  /** Denials in force, one sentence each. */
  readonly denials: readonly string[];
  /** A person asked in this generation to override one of them, and the policies refused that. */
  readonly isOverrideRefused: boolean;
  /** What persons have overridden in this generation, one sentence each. */
  readonly overrides: readonly string[];
  /** Warnings in force, one sentence each. */
  readonly warnings: readonly string[];
  /** Services that do not stay up, one sentence each. */
  readonly unstable: readonly string[];
}

export function condition(
  type: ConditionInput['type'],
  status: ConditionInput['status'],
  reason: string,
  message: string,
): ConditionInput {
  return { type, status, reason, message };
}

/** Git has no manifest any more: nothing of the stack is wished for. */
export function isRemoved({ source }: ConditionFacts): boolean {
  return source?.deletion !== undefined;
}

export const REMOVED = 'the stack is removed, as git has no manifest any more; its volumes stay';

export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
