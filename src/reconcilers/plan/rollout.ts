/**
 * How far a canary is: which of the manifest's steps it takes, since when, and whether it may take the next. The policies say that it
 * may; that a step is held for its time is looked at here too. Pure.
 */
import type { CanaryStep, ServiceSpec } from '../desired/stack-spec.js';
import type { Bake } from './bake.js';

export interface Rollout {
  /** Of the canary; another spec begins at the first step. */
  readonly specHash: string;
  /** Index into the steps. */
  readonly step: number;
  /** The canary's share at this step, percent. */
  readonly weight: number;
  /** It waits for a person. */
  readonly paused: boolean;
  /** Since when this share is served, epoch milliseconds; absent until it is. */
  readonly since?: number;
  /** Since when the canary has had a share at all. */
  readonly startedAt?: number;
  /** It was promoted and bakes; absent before, and after `mode` says canary again. */
  readonly bake?: Bake;
}

/** What the policies say of a canary; `words` for people. */
export interface CanaryVerdict {
  readonly verdict: 'advance' | 'hold' | 'rollback' | 'inconclusive';
  readonly words: string;
}

/** Everything at once: the published mode switch. */
const SWITCH: readonly CanaryStep[] = [{ kind: 'share', weight: 100, holdMs: 0 }];

export function stepsOf({ canary }: Pick<ServiceSpec, 'canary'>): readonly CanaryStep[] {
  return canary === undefined || canary.steps.length === 0 ? SWITCH : canary.steps;
}

/**
 * Where the rollout stands by the steps as they are now: an edit of them moves it, and does not restart it. A canary that was promoted
 * and is called canary again while it bakes goes back to the step that it had.
 */
export function rolloutOf(
  spec: Pick<ServiceSpec, 'canary'>,
  specHash: string,
  known: Rollout | undefined,
): Rollout {
  const steps = stepsOf(spec);
  if (known?.specHash !== specHash) return { specHash, ...placeAt(steps, 0) };
  const place = placeAt(steps, stepAfterEdit(steps, known));
  const isPlace = place.step === known.step && place.weight === known.weight && place.paused === known.paused;
  if (isPlace && known.bake === undefined) return known;
  return { specHash, ...place, ...(known.startedAt === undefined ? {} : { startedAt: known.startedAt }) };
}

/** Its share is served. */
export function servedAt(rollout: Rollout, now: number): Rollout {
  return { ...rollout, since: rollout.since ?? now, startedAt: rollout.startedAt ?? now };
}

/** The next step, if this one was held for its time and the policies let it go on; after the last one it stays. */
export function advance(
  rollout: Rollout,
  spec: Pick<ServiceSpec, 'canary'>,
  { now, verdict }: { readonly now: number; readonly verdict: CanaryVerdict | undefined },
): Rollout {
  const steps = stepsOf(spec);
  const step = steps[rollout.step];
  if (step?.kind !== 'share' || verdict?.verdict !== 'advance' || isLast(rollout, spec)) return rollout;
  if (rollout.since === undefined || now - rollout.since < step.holdMs) return rollout;
  const { specHash, startedAt } = rollout;
  const next = {
    specHash,
    ...placeAt(steps, rollout.step + 1),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
  return next.paused ? servedAt(next, now) : next; // a pause changes no share
}

export function isLast({ step }: Rollout, spec: Pick<ServiceSpec, 'canary'>): boolean {
  return step + 1 >= stepsOf(spec).length;
}

function placeAt(steps: readonly CanaryStep[], step: number): Pick<Rollout, 'step' | 'weight' | 'paused'> {
  return { step, weight: weightAt(steps, step), paused: steps[step]?.kind === 'pause' };
}

/** A pause keeps the share of the step before it. */
function weightAt(steps: readonly CanaryStep[], index: number): number {
  const share = steps.slice(0, index + 1).findLast(({ kind }) => kind === 'share');
  return share?.kind === 'share' ? share.weight : 0;
}

/** A pause that was ended is a step that went away: the one after it is in its place. Otherwise the share tells where it is. */
function stepAfterEdit(steps: readonly CanaryStep[], known: Rollout): number {
  const here = steps[known.step];
  const wasEnded = known.paused && weightAt(steps, known.step - 1) === known.weight;
  const isSame = here?.kind === 'share' && !known.paused && here.weight === known.weight;
  if (here !== undefined && (wasEnded || isSame)) return known.step;
  const next = steps.findIndex((step) => step.kind === 'share' && step.weight >= known.weight);
  return next < 0 ? steps.length - 1 : next;
}
