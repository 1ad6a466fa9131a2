/** What the log says and what the rollout says, put together as policies read it (`input.canary`). Pure. */
import { specHash } from '../desired/spec-hash.js';
import { bakeSeconds } from '../plan/bake.js';
import type { Bake } from '../plan/memory.js';
import { stepNumber, stepsOf } from '../plan/rollout.js';
import type { CanaryLook } from '../policy/question-facts.js';
import type { LogFacts } from './canary-book.js';
import type { CanaryFacts } from './canary-facts.js';
import type { LiveCanary } from './live-canary.js';

const DEFAULT_DEADLINE_MS = 3_600_000;
/** What a version that bakes has of the requests, percent. */
const ALL = 100;

/** `now`: epoch milliseconds. */
export function lookAt(
  canary: LiveCanary,
  { recent, lastRequestAtMs, ...log }: LogFacts,
  now: number,
): CanaryLook {
  const { rollout, wanted, spec, stable, weight, bake } = canary;
  const lastHeard = Math.max(lastRequestAtMs ?? 0, bake?.since ?? rollout.since ?? rollout.startedAt);
  const facts: CanaryFacts = {
    weight,
    step: stepFacts(canary, now),
    ...(bake === undefined ? {} : { bake: bakeFacts(canary, bake, now) }),
    elapsed_seconds: secondsSince(rollout.startedAt, now),
    silent_seconds: secondsSince(lastHeard, now),
    deadline_seconds: (wanted.canary?.deadlineMs ?? DEFAULT_DEADLINE_MS) / 1000,
    same_spec: stable !== undefined && specHash(stable.container) === specHash(spec.container),
    ...log,
  };
  return { canary: facts, recent };
}

/** The bake is a step after the last one, as far as time goes: held for its time, and undecided until its deadline. */
function stepFacts({ rollout, wanted, bake }: LiveCanary, now: number): CanaryFacts['step'] {
  const { step: index, steps: count } = stepNumber(rollout, wanted);
  if (bake !== undefined) {
    return {
      index: count,
      count,
      weight: ALL,
      hold_seconds: bakeSeconds(wanted),
      elapsed_seconds: secondsSince(bake.since, now),
      paused: false,
    };
  }
  const step = stepsOf(wanted)[rollout.step];
  return {
    index,
    count,
    weight: rollout.weight,
    ...(step?.kind === 'share' ? { hold_seconds: step.holdMs / 1000 } : {}),
    elapsed_seconds: rollout.since === undefined ? 0 : secondsSince(rollout.since, now),
    paused: rollout.paused,
  };
}

function bakeFacts({ wanted }: LiveCanary, { since }: Bake, now: number): NonNullable<CanaryFacts['bake']> {
  return { seconds: bakeSeconds(wanted), elapsed_seconds: secondsSince(since, now) };
}

/** Clocks of two machines may disagree; no time is negative. */
function secondsSince(thenMs: number, nowMs: number): number {
  return Math.max(0, nowMs - thenMs) / 1000;
}
