/** `status.json` (design §9, schema/status.schema.json) from what a tick saw. Pure, and the same bytes for the same world. */
import type { Condition } from '../../controller/conditions.js';
import { replicasOf } from '../plan/goals.js';
import { specHash } from '../desired/spec-hash.js';
import type { ObservedContainer, World } from '../observed/world.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { PROXY_PORT } from '../plan/templates.js';
import { servedRoute } from '../plan/route.js';
import type { GoalPlan } from '../plan/service-slots.js';
import { rolloutStatus } from './rollout-status.js';
import { containersOf, routedShare } from './routed-share.js';
import { keptTracks } from './kept-tracks.js';
import { sourceStatus } from './source-story.js';
import type { ToldAnswer } from './still-said.js';
import type { TickResult } from './tick-result.js';

export interface StatusFacts extends TickResult {
  readonly stackName: string;
  readonly conditions: readonly Condition[];
  readonly answers: readonly ToldAnswer[];
  readonly controller: { readonly pid: number; readonly version: string; readonly startedAt: string };
  readonly observedGeneration: number;
}

/** Without what the metrics say, which comes at its own pace. */
export type StatusDocument = ReturnType<typeof statusOf>;

export function statusOf(facts: StatusFacts) {
  const { manifest, plan, world } = facts;
  const source = sourceStatus(facts);
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'StackStatus',
    stack: facts.stackName,
    generation: facts.generation,
    observedGeneration: facts.observedGeneration,
    ...urlOf(world),
    manifest: { path: manifest.path, ...(manifest.sha256 === undefined ? {} : { sha256: manifest.sha256 }) },
    ...(source === undefined ? {} : { source }),
    conditions: facts.conditions,
    services:
      plan === undefined || world === undefined
        ? []
        : plan.services.map((service) => serviceStatus(service, world, facts)),
    policies: facts.answers.map(policyStatus),
    controller: facts.controller,
  };
}

/** Where the proxy that runs is published: the port that the manifest wishes for may be another one's. */
export function urlOf(world: World | undefined): { readonly url?: string } {
  const proxy = world?.containers.find(({ role, state }) => role === 'proxy' && state === 'running');
  const port = proxy?.ports.find(({ container }) => container === PROXY_PORT)?.host;
  return port === undefined ? {} : { url: `http://127.0.0.1:${String(port)}` };
}

function serviceStatus(service: ServicePlan, world: World, { judgements = [], results }: TickResult) {
  const { failed } = service.memory;
  const rollout = rolloutStatus(service, judgements);
  return {
    name: service.spec.name,
    mode: service.spec.mode,
    version: service.spec.container.version,
    specHash: specHash(service.spec.container),
    tracks: [
      ...service.goals.map((plan) => trackStatus(plan, service, world)),
      ...keptTracks(service, world, results),
    ],
    ...(rollout === undefined ? {} : { rollout }),
    ...(failed === undefined ? {} : { failed: [failedStatus(failed, world)] }),
  };
}

function failedStatus(failed: NonNullable<ServicePlan['memory']['failed']>, world: World) {
  const { specHash: hash, track, version, inBake, reason, message, at } = failed;
  const weight = routedShare(servedRoute({ world }, failed.service), containersOf(world, failed));
  const fate = { ...(inBake === true ? { inBake } : {}), ...(weight > 0 ? { weight } : {}) };
  return { specHash: hash, track, version, ...fate, reason, message, at };
}

function trackStatus({ goal, slots }: GoalPlan, service: ServicePlan, world: World) {
  const { name } = service.spec;
  const route = servedRoute({ world }, name);
  const places = slots.flatMap(({ container }) => container ?? []);
  const restarts = places.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const version = { service: name, track: goal.track, specHash: goal.specHash };
  const surplus = containersOf(world, version).filter(({ id }) => !places.some((place) => place.id === id));
  const ready = [
    ...slots.filter((slot) => slot.ready),
    // What has no place any more is there until it may go.
    ...surplus.filter((one) => isUp(one, world)),
  ];
  return {
    track: goal.track,
    version: goal.spec.container.version,
    specHash: goal.specHash,
    weight: routedShare(route, places),
    replicas: { desired: replicasOf(goal), ready: ready.length },
    ...(restarts > 0 ? { restarts } : {}),
  };
}

function isUp({ id, state }: ObservedContainer, { health }: World): boolean {
  return state === 'running' && health.get(id)?.healthy !== false;
}

export function policyStatus({
  domain,
  question,
  allow,
  reasons,
  warnings,
  revision,
  code,
  checkedAt,
  outdated,
}: ToldAnswer) {
  return {
    domain,
    question,
    allow,
    reasons,
    ...(warnings === undefined ? {} : { warnings }),
    ...(revision === undefined ? {} : { revision }),
    ...(code === undefined ? {} : { code }),
    checkedAt,
    ...(outdated === undefined ? {} : { outdated }),
  };
}
