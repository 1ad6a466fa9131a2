/** `status.json` (design §9, schema/status.schema.json) from what a tick saw. Pure, and the same bytes for the same world. */
import type { Condition } from '../../controller/conditions.js';
import { replicasOf } from '../plan/goals.js';
import { specHash } from '../desired/spec-hash.js';
import type { World } from '../observed/world.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { PROXY_PORT } from '../plan/templates.js';
import { serverAddress } from '../plan/proxy-model.js';
import { servedRoute } from '../plan/route.js';
import type { GoalPlan } from '../plan/service-slots.js';
import { rolloutStatus } from './rollout-status.js';
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
  const source = sourceStatus(facts.source);
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
    ...(failed === undefined ? {} : { failed: [failedStatus(failed)] }),
  };
}

function failedStatus({
  specHash: hash,
  track,
  version,
  reason,
  message,
  at,
}: NonNullable<ServicePlan['memory']['failed']>) {
  return { specHash: hash, track, version, reason, message, at };
}

function trackStatus(plan: GoalPlan, service: ServicePlan, world: World) {
  const { goal, slots } = plan;
  const restarts = slots.reduce((sum, { container }) => sum + (container?.restartCount ?? 0), 0);
  return {
    track: goal.track,
    version: goal.spec.container.version,
    specHash: goal.specHash,
    weight: weightOf(plan, service, world),
    replicas: { desired: replicasOf(goal), ready: slots.filter(({ ready }) => ready).length },
    ...(restarts > 0 ? { restarts } : {}),
  };
}

/** Percent of the service's traffic; two versions on one track share it while one replaces the other. */
function weightOf({ slots, goal }: GoalPlan, service: ServicePlan, world: World): number {
  const own = new Set(
    slots.flatMap(({ container }) => (container === undefined ? [] : [serverAddress(container.id)])),
  );
  const track = servedRoute({ world }, service.spec.name)?.tracks.find((model) => model.track === goal.track);
  return track?.servers.some(({ address }) => own.has(address)) === true ? track.weight : 0;
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
