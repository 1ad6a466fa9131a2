/** How a canary stands, for status.json (schema/status.schema.json): its step, its share, and what the last look at it found. Pure. */
import type { TrackFacts } from '../judge/canary-facts.js';
import type { Judgement } from '../judge/judgement.js';
import type { ServicePlan } from '../plan/plan-service.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import { bakeEnd, bakeOf } from '../plan/bake.js';
import { stepNumber, stepsBy, stepsOf } from '../plan/rollout.js';
import type { Rollout, ServiceMemory } from '../plan/memory.js';
import { openRaise, servedShare } from './served-share.js';

export interface RolloutStatus {
  readonly step: number;
  readonly steps: number;
  /** What it has of the requests, percent. */
  readonly weight: number;
  /** What its step says, percent, where an edit made that more than it has and the policies have not allowed it yet; else absent. */
  readonly wantedWeight?: number;
  /** There is no stable version yet: it has everything, whatever its step says. Absent with one. */
  readonly alone?: true;
  readonly paused: boolean;
  readonly holdSeconds?: number;
  readonly startedAt?: string;
  readonly since?: string;
  /** It is promoted and bakes; absent before. `weight` is 100 then. */
  readonly bake?: BakeStatus;
  readonly verdict?: Judgement['verdict']['verdict'];
  readonly message?: string;
  readonly canary?: JudgedTrack;
  readonly stable?: JudgedTrack;
}

export interface BakeStatus {
  readonly since: string;
  /** The earliest end. */
  readonly until: string;
  /** It went well: the version becomes the stable one. */
  readonly over: boolean;
}

export interface JudgedTrack {
  /** What was counted of; absent where nobody remembers. Not the track's in `tracks`: while a bake ends, both have the new one. */
  readonly version?: string;
  readonly requests: number;
  readonly errors: number;
  readonly slow: number;
  readonly errorRatePercent?: number;
  readonly errorIntervalPercent?: readonly [number, number];
  readonly slowPercent?: number;
  readonly slowIntervalPercent?: readonly [number, number];
}

/** Absent without a canary. */
export function rolloutStatus(
  { spec, memory }: ServicePlan,
  judgements: readonly Judgement[],
): RolloutStatus | undefined {
  const { rollout, stable } = memory;
  if (rollout === undefined) return undefined;
  const by = stepsBy(spec, memory);
  const step = stepsOf(by)[rollout.step];
  const raise = openRaise({ spec: by, rollout, stable });
  return {
    ...stepNumber(rollout, by),
    weight: servedShare({ spec, rollout, stable }),
    ...(raise === undefined ? {} : { wantedWeight: raise }),
    ...(stable === undefined ? { alone: true } : {}),
    paused: rollout.paused,
    ...(step?.kind === 'share' ? { holdSeconds: step.holdMs / 1000 } : {}),
    ...times(rollout),
    ...bakeStatus(spec, rollout),
    ...judgedStatus(
      judgements.find(({ service }) => service === spec.name),
      memory,
    ),
  };
}

function times({ since, startedAt }: Rollout): Pick<RolloutStatus, 'since' | 'startedAt'> {
  return {
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
  };
}

function bakeStatus(spec: ServiceSpec, rollout: Rollout): Pick<RolloutStatus, 'bake'> {
  const bake = bakeOf(spec, rollout);
  if (bake === undefined) return {};
  const since = new Date(bake.since).toISOString();
  return { bake: { since, until: new Date(bakeEnd(spec, bake)).toISOString(), over: bake.isOver } };
}

/** What a look found; nothing without one. */
export function judgedStatus(
  judgement: Judgement | undefined,
  memory: ServiceMemory,
): Partial<RolloutStatus> {
  if (judgement === undefined) return {};
  const { verdict, facts } = judgement;
  return {
    verdict: verdict.verdict,
    message: verdict.words,
    canary: trackStatus(facts.canary, memory.canary),
    ...(facts.stable === undefined ? {} : { stable: trackStatus(facts.stable, memory.stable) }),
  };
}

/** The published words for what the judge counted at the proxy. */
function trackStatus(facts: TrackFacts, spec: ServiceSpec | undefined): JudgedTrack {
  const { error_rate_percent: errors, error_interval_percent: errorInterval } = facts;
  const { slow_percent: slow, slow_interval_percent: slowInterval } = facts;
  return {
    ...(spec === undefined ? {} : { version: spec.container.version }),
    requests: facts.requests,
    errors: facts.errors,
    slow: facts.slow,
    ...(errors === undefined ? {} : { errorRatePercent: errors }),
    ...(errorInterval === undefined ? {} : { errorIntervalPercent: errorInterval }),
    ...(slow === undefined ? {} : { slowPercent: slow }),
    ...(slowInterval === undefined ? {} : { slowIntervalPercent: slowInterval }),
  };
}
