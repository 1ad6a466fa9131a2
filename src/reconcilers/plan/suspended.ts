/**
 * The plan while persons, or the manifest, want to be left alone: everything is planned as ever, so that drift and findings are told,
 * and what concerns the suspended is withheld. Pure.
 */
import type { PlanInput } from './plan-input.js';
import { planStack } from './plan-stack.js';
import type { Plan } from './plan.js';
import type { ProxyModel } from './proxy-model.js';
import type { CanaryVerdict } from './rollout.js';
import { same, samePlace } from './same.js';
import type { Chain, Step } from './steps.js';
import type { Suspend } from './suspension.js';

/** What must be applied of a plan: all of it, but for what is suspended. */
export function chainsToApply({ chains, suspension }: Plan): readonly Chain[] {
  const withheld = new Set(suspension?.withheld);
  return chains.filter((chain) => !withheld.has(chain));
}

/** With no suspends, the plan as it is. */
export function planSuspended(input: PlanInput, suspends: readonly Suspend[]): Plan {
  if (suspends.length === 0) return planStack(input);
  const scope = scopeOf(suspends, input.isRemoved === true);
  const plan = planStack({ ...input, verdicts: withoutAdvance(input.verdicts, scope) });
  const sorted = plan.chains.map((chain) => ({ chain, kept: keptOf(chain, { input, plan, scope }) }));
  const goingOn = sorted.flatMap(({ kept }) => (kept.length === 0 ? [] : [kept]));
  const withheld = sorted.flatMap(({ chain, kept }) => (kept.length === 0 ? [chain] : []));
  const wakeAt = wakeTime(input.now, plan, scope);
  const { findings, services, memory, wanted, converged, leaving, deciding } = plan;
  return {
    findings,
    services,
    memory,
    wanted,
    converged,
    leaving,
    deciding,
    isAskedAnew: plan.isAskedAnew && !scope.isWhole,
    chains: [...goingOn, ...withheld],
    suspension: {
      suspends,
      withheld,
      isAllThatIsLeft: withheld.length > 0 && goingOn.length === 0 && areOthersDone(input, plan, scope),
    },
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}

export interface Scope {
  readonly isWhole: boolean;
  readonly holds: (service: string) => boolean;
  /** Epoch milliseconds at which suspends end by themselves. */
  readonly ends: readonly number[];
}

/** A stack goes as a whole: one suspended service holds all of it. */
export function scopeOf(suspends: readonly Suspend[], isRemoved: boolean): Scope {
  const isWhole = isRemoved || suspends.some(({ service }) => service === undefined);
  const names = new Set(suspends.map(({ service }) => service));
  const ends = suspends.flatMap(({ until }) => (until === undefined ? [] : [Date.parse(until)]));
  return { isWhole, holds: (service) => isWhole || names.has(service), ends };
}

/** A step that a canary has taken is remembered before it is served: a suspended canary takes none. */
function withoutAdvance(
  verdicts: PlanInput['verdicts'],
  { holds }: Scope,
): ReadonlyMap<string, CanaryVerdict> {
  return new Map([...verdicts].filter(([service, { verdict }]) => verdict !== 'advance' || !holds(service)));
}

interface Ground {
  readonly input: PlanInput;
  readonly plan: Plan;
  readonly scope: Scope;
}

/** What of a chain is applied; empty when it is withheld. */
function keptOf(chain: Chain, ground: Ground): Chain {
  if (isHeld(chain, ground)) return [];
  return chain.flatMap((step) => withServedRoutes(step, chain, ground));
}

function isHeld(chain: Chain, { input, plan, scope }: Ground): boolean {
  if (scope.isWhole) return true;
  const isOwn = plan.services.some(({ spec, chains }) => scope.holds(spec.name) && chains.includes(chain));
  return isOwn || chain.some((step) => concernsHeld(step, { input, plan, scope }));
}

/** Also of services that the manifest has no more. An image is pulled for whoever else needs it. */
function concernsHeld(step: Step, { input, plan, scope }: Ground): boolean {
  if (step.kind !== 'pullImage') return scope.holds(step.gate?.service?.name ?? '');
  const users = plan.services.filter(({ goals }) =>
    goals.some(({ goal }) => goal.spec.container.image === step.image),
  );
  const isShared =
    step.image === input.stack.proxy.image || users.some(({ spec }) => !scope.holds(spec.name));
  return users.length > 0 && !isShared;
}

/** The proxy goes on for the others, and its routes to the suspended stay as they are. */
function withServedRoutes(step: Step, chain: Chain, { input: { world }, scope }: Ground): Chain {
  if (step.kind !== 'configureProxy' && step.kind !== 'stageProxy') return [step];
  const { proxy } = world;
  if (proxy.model === undefined) return [step];
  const model = joined(step.model, proxy.model, scope);
  if (same(model, step.model)) return [step];
  const isServed = same(model, proxy.model) && proxy.confirmed && proxy.file === 'own';
  const isStaged = step.kind === 'stageProxy' && (isServed || same(model, proxy.staged));
  // Beside other steps it is the configuration of a proxy that is made anew.
  if (isStaged || (isServed && chain.length === 1)) return [];
  return [{ ...step, model }];
}

/** Who is wanted where a suspended service stays, stays where he is. */
function joined(wanted: ProxyModel, served: ProxyModel, { holds }: Scope): ProxyModel {
  const held = served.routes.filter(({ service }) => holds(service));
  const others = wanted.routes.flatMap((route) => {
    if (holds(route.service)) return [];
    const isTaken = held.some((kept) => samePlace(kept, route));
    return isTaken ? served.routes.filter(({ service }) => service === route.service) : [route];
  });
  const routes = [...others, ...held];
  return { ...wanted, routes: routes.sort((a, b) => (a.service < b.service ? -1 : 1)) };
}

/** Others that are on their way come first, also those that leave. */
function areOthersDone({ world }: PlanInput, { services }: Plan, { isWhole, holds }: Scope): boolean {
  if (isWhole) return true;
  const wanted = new Set(services.map(({ spec }) => spec.name));
  const isLeaving = world.containers.some(
    ({ role, service = '' }) => role === 'service' && !wanted.has(service) && !holds(service),
  );
  const isThere = services.every(({ spec, converged }) => converged || holds(spec.name));
  return world.proxy.confirmed && isThere && !isLeaving;
}

/** What only the suspended wait for is no reason to hurry. */
const WATCH_MS = 1000;

/** When somebody else waits for something, and when a suspend ends by itself; settled, the others' own time. */
function wakeTime(now: number, { services, wakeAt, converged }: Plan, scope: Scope): number | undefined {
  const { isWhole, holds, ends } = scope;
  if (isWhole) return earliest(ends);
  if (converged) return wakeAt;
  const held = services.filter(({ spec }) => holds(spec.name)).flatMap((service) => service.wakeAt);
  const others = services.filter(({ spec }) => !holds(spec.name)).flatMap((service) => service.wakeAt);
  const isOfOthers = wakeAt !== undefined && held.every((at) => wakeAt < at);
  return earliest([...(isOfOthers ? [wakeAt] : others), now + WATCH_MS, ...ends]);
}

function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}
