/** What each question is about: the step that waits and whom it is for, or the canary that was looked at. Pure. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { CanaryFacts, RecentFacts } from '../judge/canary-facts.js';
import { gateService } from '../plan/service-slots.js';
import type { Question, Step } from '../plan/steps.js';
import type { GateFacts } from './policy-input.js';
import { partFact, serviceFact } from './service-facts.js';

/** Without what is the same for every question of the moment. */
export type QuestionFacts = Omit<GateFacts, 'stack' | 'host' | 'limits' | 'time' | 'source'>;

export interface CanaryLook {
  readonly canary: CanaryFacts;
  readonly recent: RecentFacts;
}

/** By service; undefined while it has no live canary. */
export type CanarySource = (service: string) => CanaryLook | undefined;

export interface LiveCanary extends CanaryLook {
  readonly spec: ServiceSpec;
  /** Why it is looked at now, in words. */
  readonly cause: string;
}

const ABOUT_CANARIES: ReadonlySet<Question> = new Set(['promote', 'rollback']);

/** Throws for a step that nobody has to allow. */
export function questionBefore(
  { kind, target, cause, gate }: Step,
  source: CanarySource = () => undefined,
): QuestionFacts {
  if (gate === undefined) throw new Error(`nobody is asked before ${kind}`);
  const { question, service, part } = gate;
  const isAboutCanary = service !== undefined && ABOUT_CANARIES.has(question);
  return {
    question,
    step: { kind, target, cause },
    ...(service === undefined ? {} : { service: serviceFact(service) }),
    ...(part === undefined ? {} : { part: partFact(part) }),
    ...(isAboutCanary ? source(service.name) : {}),
  };
}

export function analysisOf({ spec, cause, canary, recent }: LiveCanary): QuestionFacts {
  return {
    question: 'analyse',
    step: { kind: 'analyse', target: spec.name, cause },
    service: serviceFact(gateService(spec, 'canary')),
    canary,
    recent,
  };
}
