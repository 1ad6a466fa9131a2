/** The facts of one question, in today's shape and under the names that policies of older tools read. Facts only, no thresholds of ours. */
import type { HostFacts } from '../../probes/host.js';

/** The questions that the shipped policies know. */
export type Question = 'deploy' | 'replace' | 'heal' | 'start_canary' | 'promote' | 'rollback' | 'remove';

/** What is about to be done, and why, in words. */
export interface StepFact {
  readonly kind: string;
  readonly target: string;
  readonly cause: string;
}

/** The service that the step is for; none for the stack's own parts. */
export interface ServiceFact {
  readonly name: string;
  readonly mode: string;
  readonly track: string;
  readonly version: string;
  readonly image: string;
}

/** Domain → threshold → value, from the manifest; can only tighten. */
export type Limits = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface GateFacts {
  readonly question: Question;
  readonly step: StepFact;
  readonly stack: string;
  readonly service?: ServiceFact;
  readonly host: HostFacts;
  readonly limits: Limits;
}

/** What OPA gets as `input`: each domain sees only the limits that the manifest wrote for it. */
export type PolicyInput = Omit<GateFacts, 'limits'> & {
  readonly limits: Readonly<Record<string, number>>;
  readonly disk_free_gb?: number;
  readonly cpu_load_1m?: number;
  readonly cpu_load?: number;
  readonly mem_free_percent?: number;
};

/** The input of one domain's question. */
export function policyInput(domain: string, facts: GateFacts): PolicyInput {
  const limits = Object.hasOwn(facts.limits, domain) ? facts.limits[domain] : undefined;
  return { ...facts, limits: limits ?? {}, ...namesOfOlderTools(facts.host) };
}

function namesOfOlderTools({ disk_free_gb, cpu_load_1m, mem_free_percent }: HostFacts) {
  return {
    ...(disk_free_gb === undefined ? {} : { disk_free_gb }),
    ...(cpu_load_1m === undefined ? {} : { cpu_load_1m, cpu_load: cpu_load_1m }),
    ...(mem_free_percent === undefined ? {} : { mem_free_percent }),
  };
}
