/**
 * The facts of one question, in today's shape (schema/policy-input.schema.json) and under the names that policies of older tools read.
 * Facts only, no thresholds of ours.
 */
import type { HostFacts } from '../../probes/host.js';
import type { CanaryFacts, RecentFacts } from '../judge/canary-facts.js';
import type { Question } from '../plan/steps.js';
import type { OverrideFact } from './override.js';
import type { PartFact, ServiceFact } from './service-facts.js';
import type { SourceFact } from './source-fact.js';
import type { TimeFact } from './time-fact.js';

/** What is about to be done, and why, in words. */
export interface StepFact {
  readonly kind: string;
  readonly target: string;
  readonly cause: string;
}

/** Domain → threshold → value, from the manifest; can only tighten. */
export type Limits = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface GateFacts {
  readonly question: Question;
  readonly step: StepFact;
  readonly stack: string;
  /** Absent for the stack's own parts. */
  readonly service?: ServiceFact;
  /** Absent for a service. */
  readonly part?: PartFact;
  readonly host: HostFacts;
  readonly limits: Limits;
  /** Absent where nobody has a clock. */
  readonly time?: TimeFact;
  /** Absent where the manifest comes from no repository. */
  readonly source?: SourceFact;
  /** Of a live canary, where the question is about one. */
  readonly canary?: CanaryFacts;
  /** The canary's last seconds: told under the names of older tools alone. */
  readonly recent?: RecentFacts;
  /** Of the question `override` alone. */
  readonly override?: OverrideFact;
}

/** What OPA gets as `input`: each domain sees only the limits that the manifest wrote for it. */
export type PolicyInput = Omit<GateFacts, 'limits' | 'recent'> &
  Partial<RecentFacts> & {
    readonly limits: Readonly<Record<string, number>>;
    readonly disk_free_gb?: number;
    readonly cpu_load_1m?: number;
    readonly cpu_load?: number;
    readonly mem_free_percent?: number;
  };

/** The input of one domain's question. */
export function policyInput(domain: string, { recent, ...facts }: GateFacts): PolicyInput {
  const limits = Object.hasOwn(facts.limits, domain) ? facts.limits[domain] : undefined;
  return { ...facts, limits: limits ?? {}, ...hostByOlderNames(facts.host), ...recent };
}

function hostByOlderNames({ disk_free_gb, cpu_load_1m, mem_free_percent }: HostFacts) {
  return {
    ...(disk_free_gb === undefined ? {} : { disk_free_gb }),
    ...(cpu_load_1m === undefined ? {} : { cpu_load_1m, cpu_load: cpu_load_1m }),
    ...(mem_free_percent === undefined ? {} : { mem_free_percent }),
  };
}
