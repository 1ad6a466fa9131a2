/** Decides that a version did not make it: never healthy within its deadline, or ended for good before that. */
import { attemptHash } from '../desired/spec-hash.js';
import type { ObservedContainer } from '../observed/world.js';
import { failureHint } from './failure-hint.js';
import { hashOf } from './goals.js';
import type { ServiceMemory, Rollout } from './memory.js';
import type { PlanInput } from './plan-input.js';
import type { Refusal } from './refused-creation.js';
import type { GoalPlan, ReplicaPlan } from './service-slots.js';
import { exitWords } from './slot-steps.js';
import type { RolloutFailure } from './steps.js';

/** For services without health check: how long a container may take to stay up. */
const DEFAULT_DEADLINE_MS = 60_000;

export interface FailedRollout {
  readonly failure: RolloutFailure;
  /** Name of the container that did not make it. */
  readonly target: string;
  /** Whose logs tell; absent where there is none. */
  readonly container?: ObservedContainer;
}

/** What a replica's deadline is counted from, epoch milliseconds; absent before it was tried. */
export function triedSince({ container, refusal }: ReplicaPlan): number | undefined {
  return container === undefined ? refusal?.since : startedSince(container);
}

function startedSince({
  createdAt,
  startedAt,
  startError,
  restartCount,
}: ObservedContainer): number | undefined {
  return startError !== undefined || restartCount > 0 ? createdAt : startedAt;
}

export function deadlineOf(plan: GoalPlan): number {
  return plan.goal.spec.health?.deadlineMs ?? DEFAULT_DEADLINE_MS;
}

/** A proven version cannot fail any more: it is healed, with growing pauses. */
export function rolloutFailure(input: PlanInput, plan: GoalPlan): FailedRollout | undefined {
  if (plan.goal.proven || plan.goal.part !== 'wanted') return undefined;
  for (const slot of plan.slots) {
    const why = failureWords(input, plan, slot);
    if (why !== undefined) return describe(plan, slot, why);
  }
  return undefined;
}

/**
 * The judge's word on the canary that is remembered, where there is another version to go back to. The manifest may want a third one
 * by now, or the canary promoted, which is denied: it does harm all the same. Where it wants the old one, the way back is taken already.
 */
export function verdictFailure(
  input: PlanInput,
  goals: readonly GoalPlan[],
  { stable, canary, rollout }: ServiceMemory,
): FailedRollout | undefined {
  const [wanted] = goals;
  const [judged, before] = [hashOf(canary), hashOf(stable)];
  if (wanted === undefined || canary === undefined || stable === undefined || judged === before)
    return undefined;
  const said = input.verdicts.get(canary.name);
  const isWayBack = wanted.goal.track === 'stable' && wanted.goal.specHash === before;
  if (said?.verdict !== 'rollback' || isWayBack) return undefined;
  const plan = goals.find(({ goal }) => goal.track === 'canary' && goal.specHash === judged);
  const slot = plan?.slots.find(({ container }) => container !== undefined);
  if (plan === undefined || slot === undefined) return undefined;
  const spec = wanted.goal.specHash === judged ? wanted.goal.spec : plan.goal.spec;
  return describe({ ...plan, goal: { ...plan.goal, spec } }, slot, {
    reason: 'CanaryRejected',
    message: `${bakeWords(rollout, input.now)}${said.words}`,
  });
}

/** Nothing for a canary that was not promoted. */
function bakeWords(rollout: Rollout | undefined, now: number): string {
  if (rollout?.bake === undefined) return '';
  const seconds = Math.round((now - rollout.bake.since) / 1000);
  return `taken back in its bake, ${String(seconds)} s after its promotion: `;
}

interface Why {
  readonly reason: string;
  readonly message: string;
}

function failureWords(input: PlanInput, plan: GoalPlan, slot: ReplicaPlan): Why | undefined {
  const { container, refusal } = slot;
  const since = triedSince(slot);
  if (since === undefined || slot.ready) return undefined;
  const isOverdue = input.now - since >= deadlineOf(plan);
  if (container === undefined)
    return isOverdue && refusal !== undefined ? refusedWords(plan, refusal) : undefined;
  if (endedForGood(container)) return { reason: 'Exited', message: exitWords(container) };
  if (container.state === 'exited') return undefined; // somebody stopped it: it is started again first
  return isOverdue ? overdueWords(input, plan, container) : undefined;
}

function refusedWords({ goal: { spec }, image }: GoalPlan, { why }: Refusal): Why {
  const hasNoCommand =
    spec.container.command === undefined && image?.command.length === 0 && image.entrypoint.length === 0;
  const cure = hasNoCommand ? '; its image says nothing of what to run: set command' : '';
  return { reason: 'CannotCreate', message: `the engine refuses to create its container: ${why}${cure}` };
}

/** Its deadline is over. */
function overdueWords(input: PlanInput, plan: GoalPlan, container: ObservedContainer): Why | undefined {
  const { startError, restartCount } = container;
  if (startError !== undefined)
    return { reason: 'CannotStart', message: `the engine cannot start it: ${startError}` };
  const limit = `${String(deadlineOf(plan) / 1000)} s`;
  if (restartCount > 0)
    return {
      reason: 'CrashLooping',
      message: `it was restarted ${timesWords(restartCount)} within ${limit}, ${lastWords(container)}`,
    };
  const { health } = plan.goal.spec;
  const known = input.world.health.get(container.id);
  const last = known?.lastFailure;
  // Nobody could ask it yet, or it stumbled once.
  if (health !== undefined && (known?.failuresInARow ?? 0) < health.retries) return undefined;
  return {
    reason: 'DeadlineExceeded',
    message: `it was not healthy within ${limit}: ${last ?? 'it did not stay up'}`,
  };
}

function timesWords(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}

function lastWords(container: ObservedContainer): string {
  if (container.state !== 'running') return `last ${exitWords(container)}`;
  const { lastEnd } = container;
  if (lastEnd === undefined) return 'it is up again just now';
  const words = lastEnd.oomKilled
    ? exitWords(lastEnd)
    : `it ended with exit code ${String(lastEnd.exitCode)}`;
  return `last ${words}`;
}

/** Nobody will start it again: not the engine by its restart policy. */
function endedForGood(container: ObservedContainer): boolean {
  if (container.state !== 'exited') return false;
  const { restartPolicy } = container.config;
  return restartPolicy === 'no' || (restartPolicy === 'on-failure' && container.exitCode === 0);
}

function describe(plan: GoalPlan, { template, container }: ReplicaPlan, why: Why): FailedRollout {
  const { goal } = plan;
  const hint = container === undefined ? '' : failureHint(plan, container, why.reason);
  return {
    target: container?.name ?? template.name,
    ...(container === undefined ? {} : { container }),
    failure: {
      service: goal.spec.name,
      track: goal.track,
      specHash: goal.specHash,
      attempt: attemptHash(goal.spec),
      version: goal.spec.container.version,
      reason: why.reason,
      message: `${goal.spec.name} ${goal.spec.container.version}: ${why.message}${hint}`,
    },
  };
}
