/**
 * How far a canary is: which of the manifest's steps it takes, since when, and whether it may take the next. The policies say that it
 * may; that a step is held for its time is looked at here too. Pure.
 */
import { specHash } from '../desired/spec-hash.js';
import type { CanaryStep, ServiceSpec } from '../desired/stack-spec.js';
import type { Rollout, ServiceMemory } from './memory.js';

/** What the policies say of a canary; `words` for people. */
export interface CanaryVerdict {
  readonly verdict: 'advance' | 'hold' | 'rollback' | 'inconclusive';
  readonly words: string;
}

/** Everything at once: the published mode switch. */
const SWITCH: readonly CanaryStep[] = [{ kind: 'share', weight: 100, holdMs: 0 }];

/** Those that a canary takes: a pause that was ended is none. */
export function stepsOf({ canary }: Pick<ServiceSpec, 'canary'>): readonly CanaryStep[] {
  const steps = canary?.steps.filter((step) => !isEnded(step)) ?? [];
  return steps.length === 0 ? SWITCH : steps;
}

function isEnded(step: CanaryStep): boolean {
  return step.kind === 'pause' && step.ended === true;
}

/**
 * For people, from 1: as the manifest lists the steps, so that a pause that ends changes no number. After the last one that is taken
 * nothing comes, whatever ended pauses are listed.
 */
export function stepNumber(
  at: Pick<Rollout, 'step' | 'weight' | 'paused'>,
  spec: Pick<ServiceSpec, 'canary'>,
): { readonly step: number; readonly steps: number } {
  const listed = spec.canary?.steps ?? SWITCH;
  const steps = Math.max(1, listed.length);
  const here = stepsOf(spec)[at.step];
  return { step: isLast(at, spec) || here === undefined ? steps : listed.indexOf(here) + 1, steps };
}

/**
 * Where the rollout stands by the steps as they are now: an edit of them moves it, and does not restart it. A canary that was promoted
 * and is called canary again while it bakes goes back to the step that it had. `before`: the steps that it took so far.
 */
export function rolloutOf(
  spec: Pick<ServiceSpec, 'canary'>,
  hash: string,
  { rollout: known, canary: before }: Pick<ServiceMemory, 'rollout' | 'canary'>,
): Rollout {
  const steps = stepsOf(spec);
  if (known?.specHash !== hash) return { specHash: hash, ...placeAt(steps, 0) };
  const there = placeAt(steps, stepAfterEdit(steps, known, before ?? spec));
  const place = wasPauseEnded(steps, known) ? there : noMore(there, known);
  const isPlace = place.step === known.step && place.weight === known.weight && place.paused === known.paused;
  if (isPlace && known.bake === undefined) return known;
  return { specHash: hash, ...place, ...pastOf(known) };
}

/** To take more than it has is for the policies to allow, whoever edits its step. Where it had nothing yet, that is its beginning. */
function noMore<P extends Pick<Rollout, 'weight'>>(place: P, { startedAt, weight }: Rollout): P {
  if (startedAt === undefined || weight === 0) return place;
  return { ...place, weight: Math.min(place.weight, weight) };
}

/** Percent: the share of its step, where that was made more than it has and the policies have not allowed it yet. */
export function raiseOf(
  { step, weight, paused }: Pick<Rollout, 'step' | 'weight' | 'paused'>,
  spec: Pick<ServiceSpec, 'canary'>,
): number | undefined {
  const wanted = weightAt(stepsOf(spec), step);
  return wanted > weight && !paused ? wanted : undefined;
}

/** Whose steps the rollout that is remembered takes: the manifest's, unless that has another version by now. */
export function stepsBy(
  spec: ServiceSpec,
  { canary, rollout }: Pick<ServiceMemory, 'rollout' | 'canary'>,
): ServiceSpec {
  return canary === undefined || rollout?.specHash === specHash(spec.container) ? spec : canary;
}

/** Its share is served. */
export function servedAt(rollout: Rollout, now: number): Rollout {
  if (rollout.since !== undefined) return rollout;
  const { startedAt = now } = rollout;
  return { ...rollout, since: now, startedAt, changes: changesUntil(rollout, now) };
}

/**
 * `share`: what the proxy serves now, percent. Whoever reads the figures leaves the moment of a change out; what a canary fails as it dies,
 * or as it comes back, is its own, and is not.
 */
export function withShare(rollout: Rollout, share: number, now: number): Rollout {
  const { startedAt, share: before, weight } = rollout;
  if (startedAt === undefined || share === before) return rollout;
  const isItsOwn = weight > 0 && (share === 0 || before === 0);
  if (before === undefined || isItsOwn) return { ...rollout, share };
  return { ...rollout, share, changes: changesUntil(rollout, now) };
}

function changesUntil({ changes = [] }: Rollout, now: number): readonly number[] {
  return changes.at(-1) === now ? changes : [...changes, now];
}

/** The next step, or more at this one, if it was held for its time and the policies let it go on; after the last one it stays. */
export function advance(
  rollout: Rollout,
  spec: Pick<ServiceSpec, 'canary'>,
  { now, verdict }: { readonly now: number; readonly verdict: CanaryVerdict | undefined },
): Rollout {
  const steps = stepsOf(spec);
  if (steps[rollout.step]?.kind !== 'share' || verdict?.verdict !== 'advance' || isLast(rollout, spec))
    return rollout;
  if (rollout.since === undefined || isHeld(rollout, spec, now)) return rollout;
  const index = raiseOf(rollout, spec) === undefined ? rollout.step + 1 : rollout.step;
  const next = { specHash: rollout.specHash, ...placeAt(steps, index), ...pastOf(rollout) };
  return next.paused ? { ...next, since: now } : next; // a pause changes no share
}

/** Its share is served, and not yet for the step's time. */
export function isHeld({ step, since }: Rollout, spec: Pick<ServiceSpec, 'canary'>, now: number): boolean {
  const here = stepsOf(spec)[step];
  return here?.kind === 'share' && since !== undefined && now - since < here.holdMs;
}

/** On a clock that was set back, what began later than now begins now. */
export function notAhead(rollout: Rollout, now: number): Rollout {
  const { since, startedAt, changes, bake } = rollout;
  const times = [since, startedAt, bake?.since, ...(changes ?? [])];
  if (!times.some((at) => at !== undefined && at > now)) return rollout;
  const atMostNow = (at: number) => Math.min(at, now);
  return {
    ...rollout,
    ...(since === undefined ? {} : { since: atMostNow(since) }),
    ...(startedAt === undefined ? {} : { startedAt: atMostNow(startedAt) }),
    ...(changes === undefined ? {} : { changes: changes.map(atMostNow) }),
    ...(bake === undefined ? {} : { bake: { ...bake, since: atMostNow(bake.since) } }),
  };
}

/** What stays of it at another step. */
function pastOf({
  startedAt,
  changes,
  share,
  restarts,
  lives,
}: Rollout): Pick<Rollout, 'startedAt' | 'changes' | 'share' | 'restarts' | 'lives'> {
  return {
    ...(share === undefined ? {} : { share }),
    ...(lives === undefined ? {} : { lives }),
    ...(restarts === undefined ? {} : { restarts }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(changes === undefined ? {} : { changes }),
  };
}

/** Nothing comes after it, nor more at it. */
export function isLast(
  at: Pick<Rollout, 'step' | 'weight' | 'paused'>,
  spec: Pick<ServiceSpec, 'canary'>,
): boolean {
  return at.step + 1 >= stepsOf(spec).length && raiseOf(at, spec) === undefined;
}

function placeAt(steps: readonly CanaryStep[], step: number): Pick<Rollout, 'step' | 'weight' | 'paused'> {
  return { step, weight: weightAt(steps, step), paused: steps[step]?.kind === 'pause' };
}

/** A pause keeps the share of the step before it. */
function weightAt(steps: readonly CanaryStep[], index: number): number {
  const share = steps.slice(0, index + 1).findLast(({ kind }) => kind === 'share');
  return share?.kind === 'share' ? share.weight : 0;
}

/** It waited at a pause behind its share, and what comes after that share is its step now. */
function wasPauseEnded(steps: readonly CanaryStep[], known: Rollout): boolean {
  return known.paused && weightAt(steps, known.step - 1) === known.weight;
}

/**
 * A pause that was ended is a step that went away: the one after it is in its place. Otherwise the share tells where it is, or, when no
 * step has it any more, its place, if nothing before it changed. Else it goes on from the last step with less.
 */
function stepAfterEdit(
  steps: readonly CanaryStep[],
  known: Rollout,
  before: Pick<ServiceSpec, 'canary'>,
): number {
  const here = steps[known.step];
  const isAt = (step: CanaryStep | undefined) => step?.kind === 'share' && step.weight === known.weight;
  if (here !== undefined && (wasPauseEnded(steps, known) || (!known.paused && isAt(here)))) return known.step;
  const same = steps.findIndex(isAt);
  if (same >= 0) return same;
  const taken = stepsOf(before);
  const isPlaceKept =
    before.canary !== undefined &&
    steps.every((step, index) => index >= known.step || sameStep(step, taken[index]));
  if (here?.kind === 'share' && !known.paused && isPlaceKept) return known.step;
  return Math.max(
    0,
    steps.findLastIndex((step) => step.kind === 'share' && step.weight < known.weight),
  );
}

function sameStep(one: CanaryStep, other: CanaryStep | undefined): boolean {
  const weight = (step: CanaryStep | undefined) => (step?.kind === 'share' ? step.weight : step?.kind);
  return weight(one) === weight(other);
}
