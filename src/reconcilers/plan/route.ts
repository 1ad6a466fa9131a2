/**
 * Where a service's requests go next. A version takes traffic when all its replicas are ready, or when it is all that works.
 * nginx needs a moment to resolve a server that it never had, so a cold server joins before the warm ones leave.
 */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import type { PlanInput } from './plan-input.js';
import {
  canaryShare,
  serverAddress,
  type Place,
  type RouteModel,
  type ServerModel,
  type Track,
  type TrackModel,
} from './proxy-model.js';
import { samePlace, sameRoute } from './same.js';
import { fullyReady, readyContainers, type GoalPlan } from './service-slots.js';
import { withUnasked } from './unasked.js';

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

/** What a route is made for. */
interface RouteOf {
  readonly spec: ServiceSpec;
  readonly goals: readonly GoalPlan[];
  /** The share of a canary beside a stable version, percent. */
  readonly share: number;
  /** Absent for a service that answers nowhere. */
  readonly place: Place | undefined;
}

export function decideRoute(input: PlanInput, { goals: plans, ...of }: RouteOf): RouteDecision | undefined {
  const goals = plans.map((plan) => withUnasked(input, plan));
  const wanted = { ...of, goals };
  const { spec, place } = wanted;
  if (place === undefined) return undefined;
  const decision = routeFor(input, wanted, place);
  const ahead = routeFor(input, { ...wanted, goals: goals.map(whenReady) }, place);
  const isServed = sameRoute(ahead.next, servedRoute(input, spec.name));
  return { ...decision, expected: isServed ? ahead.final : ahead.next };
}

/** As if every replica that has a container answered already. */
function whenReady(plan: GoalPlan): GoalPlan {
  return { ...plan, slots: plan.slots.map((slot) => ({ ...slot, ready: slot.container !== undefined })) };
}

function routeFor(
  input: PlanInput,
  { spec, goals, share }: RouteOf,
  at: Place,
): Omit<RouteDecision, 'expected'> {
  const place = { service: spec.name, ...at };
  const served = servedAt(input, place);
  const serving = servingGoal(input, goals, served);
  if (serving === undefined) {
    const kept = withSplit(place, served?.tracks ?? [], spec);
    return { next: kept, final: kept, changesHands: false };
  }
  const tracks = finalTracks(serving, goals, shareOf({ serving, goals, served, share }));
  const final = withSplit(place, tracks, spec);
  const next = needsWarmUp(input, final, served)
    ? withSplit(place, merged(input, served, final), spec)
    : final;
  return { next, final, serving, changesHands: !carriesTraffic(input, serving, served) };
}

export function servedRoute(input: Pick<PlanInput, 'world'>, service: string): RouteModel | undefined {
  return input.world.proxy.model?.routes.find((route) => route.service === service);
}

/** What a service has elsewhere is for whoever is there: it comes with what is to serve here. */
function servedAt(input: PlanInput, place: Omit<RouteModel, 'tracks'>): RouteModel | undefined {
  const served = servedRoute(input, place.service);
  return samePlace(place, served) ? served : undefined;
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

/** The serving goal's share, and on the other track what stands warm for the way back, or still is an incumbent, with the rest. */
function finalTracks(serving: GoalPlan, goals: readonly GoalPlan[], share: number): readonly TrackModel[] {
  const tracks = [
    trackOf(serving, share),
    ...besides(serving, goals).map((plan) => trackOf(plan, 100 - share)),
  ];
  return sortTracks(tracks.filter(({ servers }) => servers.length > 0));
}

/** What stands on the other track and could serve. */
function besides(serving: GoalPlan, goals: readonly GoalPlan[]): readonly GoalPlan[] {
  return goals.filter(
    ({ goal }) => goal.part !== 'wanted' && goal.track !== serving.goal.track && goal.proven,
  );
}

interface Shares {
  readonly serving: GoalPlan;
  readonly goals: readonly GoalPlan[];
  readonly served: RouteModel | undefined;
  readonly share: number;
}

/** Percent for the serving goal. While the wanted version is on its way, the others keep what they have. */
function shareOf({ serving, goals, served, share }: Shares): number {
  const { part, track } = serving.goal;
  if (!besides(serving, goals).some((plan) => readyContainers(plan).length > 0)) return 100;
  if (part === 'wanted') return track === 'canary' ? share : 100;
  return served?.tracks.find((model) => model.track === track)?.weight ?? 100;
}

/** How nginx shares out, and writes down for the judge, what a canary gets. */
function withSplit(
  place: Omit<RouteModel, 'tracks' | 'split'>,
  tracks: readonly TrackModel[],
  { canary }: ServiceSpec,
): RouteModel {
  if (!tracks.some(({ track }) => track === 'canary')) return { ...place, tracks };
  const { sticky = 'off', header } = canary ?? {};
  return { ...place, tracks, split: { sticky, ...(header === undefined ? {} : { header }), judged: true } };
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
  const settled = isSettled(input);
  const coming = final.tracks.filter(({ weight }) => weight > 0).flatMap(({ servers }) => servers);
  const isCold = ({ address }: ServerModel) => !known.has(address) || !settled;
  const alive = aliveServing(input, served);
  const leaving = alive.some(({ address }) => !coming.some((server) => server.address === address));
  if (leaving) return coming.some(isCold);
  const takesNothingYet = ({ track }: TrackModel) =>
    (served.tracks.find((model) => model.track === track)?.weight ?? 0) === 0;
  const joining = final.tracks.filter((track) => track.weight > 0 && takesNothingYet(track));
  return alive.length > 0 && joining.some(({ servers }) => servers.every(isCold));
}

/** Every server that is served is warm. */
function isSettled({ world: { proxy }, now }: PlanInput): boolean {
  return proxy.confirmed && now - (proxy.servedSince ?? now) >= WARM_UP_MS;
}

/** Servers that take traffic now and still run. */
function aliveServing(input: PlanInput, served: RouteModel): readonly ServerModel[] {
  return served.tracks
    .filter(({ weight }) => weight > 0)
    .flatMap(({ servers }) => servers.filter((server) => isAlive(input, server)));
}

/** It runs, and nobody has found it sick. */
export function isAlive(input: PlanInput, server: ServerModel): boolean {
  const container: ObservedContainer | undefined = input.world.containers.find(
    ({ id }) => serverAddress(id) === server.address,
  );
  return container?.state === 'running' && input.world.health.get(container.id)?.healthy !== false;
}

/**
 * What is served, its weights, and every server of the final route beside it. A canary that gets less in the end has that at once, where
 * stable can take the rest: the version that follows it on its track joins with no more than its own first share.
 */
function merged(input: PlanInput, served: RouteModel | undefined, final: RouteModel): readonly TrackModel[] {
  const names: readonly Track[] = ['stable', 'canary'];
  const share = served === undefined ? 0 : shareWhileJoining(input, served, final);
  const weights: Readonly<Record<Track, number>> = { stable: 100 - share, canary: share };
  const tracks = names.map((track): TrackModel => {
    const before = served?.tracks.find((model) => model.track === track);
    const after = final.tracks.find((model) => model.track === track);
    const alive = (before?.servers ?? []).filter((server) => isAlive(input, server));
    const weight = before === undefined ? 0 : weights[track];
    return { track, weight, servers: union(alive, after?.servers ?? []) };
  });
  return sortTracks(tracks.filter(({ servers }) => servers.length > 0));
}

/** Of the canary's track, percent. */
function shareWhileJoining(input: PlanInput, served: RouteModel, final: RouteModel): number {
  const standsBy = (route: RouteModel) => route.tracks.find(({ track }) => track === 'stable')?.servers ?? [];
  const stays = standsBy(final).filter((server) => isAlive(input, server));
  const isWarm = standsBy(served).some(({ address }) => stays.some((one) => one.address === address));
  const share = canaryShare(served);
  return isWarm && isSettled(input) ? Math.min(share, canaryShare(final)) : share;
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
