/** Whose metrics are read: the ready replicas of services that have any. Pure. */
import type { Mode, ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import { goalsOf } from '../plan/goals.js';
import type { StackMemory } from '../plan/memory.js';
import type { ServicePlan } from '../plan/plan-service.js';
import type { Track } from '../plan/proxy-model.js';
import { readyContainers } from '../plan/service-slots.js';

export interface ScrapedService {
  readonly name: string;
  readonly mode: Mode;
  readonly tracks: readonly ScrapedTrack[];
}

export interface ScrapedTrack {
  readonly track: Track;
  readonly specHash: string;
  readonly replicas: readonly ScrapeTarget[];
}

export interface ScrapeTarget {
  readonly containerId: string;
  /** Epoch milliseconds. A new start is a new process. */
  readonly startedAt: number;
  readonly port: number;
  readonly path: string;
  /** Paths that only we ask for: what is counted there is no traffic. */
  readonly ours: ReadonlySet<string>;
}

/** A track whose replicas are all away stays: what they counted is still of interest. */
export function scrapedServices(services: readonly ServicePlan[]): readonly ScrapedService[] {
  return services
    .map(({ spec, goals }) => ({
      name: spec.name,
      mode: spec.mode,
      tracks: goals
        .filter(({ goal }) => goal.spec.metrics !== undefined && goal.spec.container.port !== undefined)
        .map((plan) => ({
          track: plan.goal.track,
          specHash: plan.goal.specHash,
          replicas: targetsOf(plan.goal.spec, readyContainers(plan)),
        })),
    }))
    .filter(({ tracks }) => tracks.length > 0);
}

/** `spec`: what the containers were made of. */
export function targetsOf(spec: ServiceSpec, containers: readonly ObservedContainer[]): ScrapeTarget[] {
  const { metrics, health, container } = spec;
  const { port } = container;
  if (metrics === undefined || port === undefined) return [];
  const asked = [metrics.path, ...(health === undefined ? [] : [health.path])];
  const ours = new Set(asked.map((path) => path.replace(/\?.*$/, ''))); // apps count paths, not queries
  return containers.flatMap(({ id, startedAt }) =>
    startedAt === undefined ? [] : [{ containerId: id, startedAt, port, path: metrics.path, ours }],
  );
}

/** The same without a plan: every running replica of a spec that is known. */
export function runningServices(
  stack: StackSpec,
  memory: StackMemory,
  containers: readonly ObservedContainer[],
): readonly ScrapedService[] {
  return stack.services.map((spec) => ({
    name: spec.name,
    mode: spec.mode,
    tracks: goalsOf(spec, memory.services[spec.name] ?? {}).map(({ track, specHash, spec: made }) => ({
      track,
      specHash,
      replicas: targetsOf(
        made,
        containers.filter(
          (one) =>
            one.service === spec.name &&
            one.track === track &&
            one.specHash === specHash &&
            one.state === 'running',
        ),
      ),
    })),
  }));
}
