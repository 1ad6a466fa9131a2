/**
 * Where a service's requests go next. A version takes traffic when all its replicas are ready, or when it is all that works.
 * nginx needs a moment to resolve a server that it never had, so a cold server joins before the warm ones leave.
 */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import {
  serverAddress,
  type RouteModel,
  type ServerModel,
  type Track,
  type TrackModel,
} from './proxy-model.js';
import { sameRoute } from './same.js';
import { fullyReady, readyContainers, type GoalPlan } from './service-slots.js';

/** How long a new server stands beside the old ones, for nginx to have resolved its name. */
export const WARM_UP_MS = 500;

export interface RouteDecision {
  /** What the proxy should serve next. */
  readonly next: RouteModel;
  /** What it should serve in the end; the same as `next` when no warm-up is needed. */
  readonly final: RouteModel;
  /** The route after the one that is served, if every replica that is on its way gets ready: tested ahead of time. */
  readonly expected: RouteModel;
  /** The goal that gets the traffic in the end; absent when nothing is ready. */
  readonly serving?: GoalPlan;
  /** That goal has no traffic yet. */
  readonly changesHands: boolean;
}

export function decideRoute(
  input: PlanInput,
  spec: ServiceSpec,
  goals: readonly GoalPlan[],
): RouteDecision | undefined {
  if (spec.route === undefined) return undefined;
  const decision = routeFor(input, spec, { goals, route: spec.route });
  const ahead = routeFor(input, spec, { goals: goals.map(whenReady), route: spec.route });
  const isServed = sameRoute(ahead.next, servedRoute(input, spec.name));
  return { ...decision, expected: isServed ? ahead.final : ahead.next };
}

/** As if every replica that has a container answered already. */
function whenReady(plan: GoalPlan): GoalPlan {
  return { ...plan, slots: plan.slots.map((slot) => ({ ...slot, ready: slot.container !== undefined })) };
}

function routeFor(
  input: PlanInput,
  spec: ServiceSpec,
  { goals, route }: { goals: readonly GoalPlan[]; route: NonNullable<ServiceSpec['route']> },
): Omit<RouteDecision, 'expected'> {
  const served = servedRoute(input, spec.name);
  const place = { service: spec.name, ...route };
  const serving = servingGoal(input, goals, served);
  if (serving === undefined) {
    const kept = { ...place, tracks: served?.tracks ?? [] };
    return { next: kept, final: kept, changesHands: false };
  }
  const final: RouteModel = { ...place, tracks: finalTracks(serving, goals) };
  const next = needsWarmUp(input, final, served) ? { ...place, tracks: merged(input, served, final) } : final;
  return { next, final, serving, changesHands: !carriesTraffic(input, serving, served) };
}

export function servedRoute(input: Pick<PlanInput, 'world'>, service: string): RouteModel | undefined {
  return input.world.proxy.model?.routes.find((route) => route.service === service);
}

function servingGoal(
  input: PlanInput,
  goals: readonly GoalPlan[],
  served: RouteModel | undefined,
): GoalPlan | undefined {
  const [wanted, ...others] = goals;
  if (wanted === undefined) return undefined;
  const fallbacks = others.filter((other) => readyContainers(other).length > 0);
  const current = [wanted, ...fallbacks].find((plan) => carriesTraffic(input, plan, served));
  const anyReady = readyContainers(wanted).length > 0;
  if (fullyReady(wanted) || (anyReady && (current === wanted || fallbacks.length === 0))) return wanted;
  return current !== undefined && readyContainers(current).length > 0 ? current : fallbacks[0];
}

function carriesTraffic(input: PlanInput, plan: GoalPlan, served: RouteModel | undefined): boolean {
  const addresses = new Set(
    served?.tracks.filter(({ weight }) => weight > 0).flatMap(({ servers }) => servers.map((s) => s.address)),
  );
  return input.world.containers.some(
    (container) =>
      addresses.has(serverAddress(container.id)) &&
      container.service === plan.goal.spec.name &&
      container.track === plan.goal.track &&
      container.specHash === plan.goal.specHash,
  );
}

/** The serving goal at 100 %, and what stands on the other track, warm for the way back or still an incumbent, at 0 %. */
function finalTracks(serving: GoalPlan, goals: readonly GoalPlan[]): readonly TrackModel[] {
  const warm = goals.filter(
    ({ goal }) => goal.part !== 'wanted' && goal.track !== serving.goal.track && goal.proven,
  );
  const tracks = [trackOf(serving, 100), ...warm.map((plan) => trackOf(plan, 0))];
  return sortTracks(tracks.filter(({ servers }) => servers.length > 0));
}

function trackOf(plan: GoalPlan, weight: number): TrackModel {
  const port = plan.goal.spec.container.port ?? 0;
  return {
    track: plan.goal.track,
    weight,
    servers: sortServers(
      readyContainers(plan).map((container) => ({ address: serverAddress(container.id), port })),
    ),
  };
}

function needsWarmUp(input: PlanInput, final: RouteModel, served: RouteModel | undefined): boolean {
  if (served === undefined) return false;
  const known = new Set(served.tracks.flatMap(({ servers }) => servers.map(({ address }) => address)));
  const settled =
    input.world.proxy.confirmed && input.now - (input.world.proxy.servedSince ?? input.now) >= WARM_UP_MS;
  const coming = final.tracks.filter(({ weight }) => weight > 0).flatMap(({ servers }) => servers);
  const cold = coming.some(({ address }) => !known.has(address) || !settled);
  const leaving = aliveServing(input, served).some(
    ({ address }) => !coming.some((server) => server.address === address),
  );
  return cold && leaving;
}

/** Servers that take traffic now and still run. */
function aliveServing(input: PlanInput, served: RouteModel): readonly ServerModel[] {
  return served.tracks
    .filter(({ weight }) => weight > 0)
    .flatMap(({ servers }) => servers.filter((server) => isAlive(input, server)));
}

function isAlive(input: PlanInput, server: ServerModel): boolean {
  const container: ObservedContainer | undefined = input.world.containers.find(
    ({ id }) => serverAddress(id) === server.address,
  );
  return container?.state === 'running' && input.world.health.get(container.id)?.healthy !== false;
}

/** What is served, its weights, and every server of the final route beside it. */
function merged(input: PlanInput, served: RouteModel | undefined, final: RouteModel): readonly TrackModel[] {
  const names: readonly Track[] = ['stable', 'canary'];
  const tracks = names.map((track): TrackModel => {
    const before = served?.tracks.find((model) => model.track === track);
    const after = final.tracks.find((model) => model.track === track);
    const alive = (before?.servers ?? []).filter((server) => isAlive(input, server));
    return { track, weight: before?.weight ?? 0, servers: union(alive, after?.servers ?? []) };
  });
  return sortTracks(tracks.filter(({ servers }) => servers.length > 0));
}

function union(left: readonly ServerModel[], right: readonly ServerModel[]): readonly ServerModel[] {
  const added = right.filter((server) => !left.some(({ address }) => address === server.address));
  return sortServers([...left, ...added]);
}

function sortServers(servers: readonly ServerModel[]): readonly ServerModel[] {
  return [...servers].sort((a, b) => (a.address < b.address ? -1 : 1));
}

function sortTracks(tracks: readonly TrackModel[]): readonly TrackModel[] {
  return [...tracks].sort((a, b) => (a.track === b.track ? 0 : a.track === 'stable' ? -1 : 1));
}

/** `app stable 100 %`, for people. */
export function weightsText(route: RouteModel): string {
  const shown = route.tracks.filter(({ servers }) => servers.length > 0);
  if (shown.length === 0) return 'nobody';
  return shown
    .map(({ track, weight, servers }) => `${track} ${String(weight)} % (${String(servers.length)})`)
    .join(', ');
}
