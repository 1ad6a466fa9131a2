/** What the policies said of one canary in one look, and on what facts. Types and words only. */
import type { CanaryVerdict } from '../plan/rollout.js';
import type { Decision } from '../policy/gate.js';
import type { CanaryFacts, RecentFacts } from './canary-facts.js';

export interface Judgement {
  readonly service: string;
  readonly facts: CanaryFacts;
  readonly recent: RecentFacts;
  readonly decision: Decision;
  readonly verdict: CanaryVerdict;
}

/** By service. */
export function verdictsOf(judgements: readonly Judgement[]): ReadonlyMap<string, CanaryVerdict> {
  return new Map(judgements.map(({ service, verdict }) => [service, verdict]));
}
