/** What status.json says, less what the engine does not run any more: where no controller tells, a look does. Pure. */
import type { Condition, ConditionType } from '../../controller/conditions.js';
import type { ObservedContainer } from '../../reconcilers/observed/world.js';
import { isSetAside } from '../../reconcilers/plan/names.js';
import type { ServiceStatus, StatusDocument, TrackStatus } from './status-document.js';

export type SeenContainer = Pick<
  ObservedContainer,
  'id' | 'name' | 'role' | 'service' | 'track' | 'specHash' | 'state'
>;

/** The same object where nothing ended. */
export function asSeen(
  status: StatusDocument,
  containers: readonly SeenContainer[],
  now: Date,
): StatusDocument {
  const inUse = containers.filter((container) => !isSetAside(container));
  const ended = endedParts(status, inUse);
  if (ended.length === 0) return status;
  const services = status.services.map((service) => withRunning(service, inUse));
  const wrong = wrongWith(ended, services);
  const conditions = status.conditions.map((condition) => turned(condition, wrong.get(condition.type), now));
  return { ...status, conditions, services };
}

interface Ended {
  readonly part: 'service' | 'proxy' | 'policy';
  readonly words: string;
}

/** A stack that has no service up promises nothing else either. */
function endedParts(status: StatusDocument, containers: readonly SeenContainer[]): readonly Ended[] {
  const tracks = status.services.flatMap(({ name, tracks: all }) => all.map((track) => ({ name, track })));
  if (!tracks.some(({ track }) => track.replicas.ready > 0)) return [];
  return [
    ...endedPart('proxy', 'the proxy', containers),
    ...endedPart('policy', 'the policy engine', containers),
    ...tracks.flatMap(({ name, track }) => endedReplicas(name, track, containers)),
  ];
}

function endedPart(
  part: 'proxy' | 'policy',
  name: string,
  containers: readonly SeenContainer[],
): readonly Ended[] {
  const own = containers.filter(({ role }) => role === part);
  return own.some(isRunning) ? [] : [{ part, words: `${name} does not run (${stateWords(own)})` }];
}

function endedReplicas(
  service: string,
  track: TrackStatus,
  containers: readonly SeenContainer[],
): readonly Ended[] {
  const own = replicasOf(service, track, containers);
  const running = own.filter(isRunning).length;
  const { desired, ready } = track.replicas;
  if (running >= ready) return [];
  const away = stateWords(own.filter((container) => !isRunning(container)));
  const words = `${service}: ${String(running)} of ${String(desired)} replicas of ${track.version} (${track.track}) run (${away})`;
  return [{ part: 'service', words }];
}

/** `shop-app-1 is exited`. */
function stateWords(containers: readonly SeenContainer[]): string {
  if (containers.length === 0) return 'its container is gone';
  return containers.map(({ name, state }) => `${name} is ${state}`).join(', ');
}

function withRunning(service: ServiceStatus, containers: readonly SeenContainer[]): ServiceStatus {
  const tracks = service.tracks.map((track) => {
    const running = replicasOf(service.name, track, containers).filter(isRunning).length;
    const { desired, ready } = track.replicas;
    return { ...track, replicas: { desired, ready: Math.min(ready, running) } };
  });
  return { ...service, tracks };
}

function replicasOf(service: string, track: TrackStatus, containers: readonly SeenContainer[]) {
  return containers.filter(
    (one) =>
      one.role === 'service' &&
      one.service === service &&
      one.track === track.track &&
      one.specHash === track.specHash,
  );
}

function isRunning({ state }: SeenContainer): boolean {
  return state === 'running';
}

type Wrong = Pick<Condition, 'reason' | 'message'>;

function wrongWith(
  ended: readonly Ended[],
  services: readonly ServiceStatus[],
): ReadonlyMap<ConditionType, Wrong> {
  const words = ended.map((one) => one.words).join('; ');
  const wrong = new Map<ConditionType, Wrong>([
    ['Ready', { reason: 'Drift', message: `${words}; no controller runs that heals it` }],
    ['InSync', { reason: 'Drift', message: words }],
  ]);
  const down = services.filter(({ tracks }) => tracks.every(({ replicas }) => replicas.ready === 0));
  const names = down.map(({ name }) => name).join(', ');
  if (down.length > 0)
    wrong.set('Available', { reason: 'NoReadyReplica', message: `no ready replica: ${names}` });
  else if (ended.some(({ part }) => part === 'proxy'))
    wrong.set('Available', { reason: 'ProxyNotServing', message: 'the proxy does not run' });
  if (ended.some(({ part }) => part === 'policy'))
    wrong.set('PolicyReady', { reason: 'NotAnswering', message: 'the policy engine does not run' });
  return wrong;
}

/** What was wrong before keeps its own words. */
function turned(condition: Condition, wrong: Wrong | undefined, now: Date): Condition {
  if (wrong === undefined || condition.status === 'False') return condition;
  return { ...condition, ...wrong, status: 'False', lastTransitionTime: now.toISOString() };
}
