/** What a policy could have said of a canary; what a test does not say is a quiet canary at its first step. */
import type { CanaryFacts, TrackFacts } from '../../src/reconcilers/judge/canary-facts.js';
import type { Judgement } from '../../src/reconcilers/judge/judgement.js';
import type { Verdict } from '../../src/reconcilers/policy/answer.js';

export function trackFacts(change: Partial<TrackFacts> = {}): TrackFacts {
  return {
    requests: 0,
    errors: 0,
    errors_by_origin: { app: 0, connect: 0, timeout: 0, gateway: 0 },
    client_aborts: 0,
    slow: 0,
    restarts: 0,
    oom_kills: 0,
    ...change,
  };
}

export function canaryFacts(change: Partial<CanaryFacts> = {}): CanaryFacts {
  const evidence = {
    limit_percent: 1,
    worse_than_limit: 1,
    worse_than_limit_since_stable: 1,
    worse_than_limit_since_weight: 1,
    better_than_limit: 1,
    requests_since_stable: 0,
  };
  return {
    weight: 5,
    step: { index: 1, count: 2, weight: 5, hold_seconds: 1, elapsed_seconds: 0.5, paused: false },
    elapsed_seconds: 0.5,
    silent_seconds: 0,
    deadline_seconds: 60,
    same_spec: false,
    canary: trackFacts(),
    stable: trackFacts(),
    evidence: { errors: evidence, slow: evidence },
    windows: [],
    ...change,
  };
}

export interface JudgementChange {
  readonly verdict?: Verdict;
  readonly allow?: boolean;
  /** No policy engine answered. */
  readonly silent?: boolean;
  readonly words?: string;
  readonly facts?: Partial<CanaryFacts>;
}

export function judgement({
  verdict = 'hold',
  allow = true,
  silent = false,
  words = 'so it is',
  facts = {},
}: JudgementChange = {}): Judgement {
  const reasons = [{ code: 'why', message: words }];
  const answer = {
    domain: 'canary',
    question: 'analyse',
    allow,
    reasons,
    verdict,
    durationMs: 1,
    revision: 'f'.repeat(64),
  };
  return {
    service: 'app',
    facts: canaryFacts(facts),
    recent: { window_seconds: 30, requests: 0 },
    decision: { allow, answers: [answer], silent, verdict },
    verdict: { verdict, words },
  };
}
