/** The canaries that are judged now: those that have, or had, a share of the requests and are neither promoted for good nor taken back. Pure. */
import { specHash } from '../desired/spec-hash.js';
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { ObservedContainer, World } from '../observed/world.js';
import { judgedOf, livesOf, type Lives } from '../plan/lives.js';
import type { Bake, StackMemory, Rollout } from '../plan/memory.js';
import { canaryShare, type Track } from '../plan/proxy-model.js';
import { rolloutOf, stepsBy } from '../plan/rollout.js';
import type { Whose } from './attempt.js';

export interface LiveCanary {
  readonly service: string;
  /** Whose steps and deadline count: as the manifest has it now, unless that has another version. */
  readonly wanted: ServiceSpec;
  /** What the canary's containers are made of. */
  readonly spec: ServiceSpec;
  readonly specHash: string;
  /** By the steps as they are now. */
  readonly rollout: Rollout & { readonly startedAt: number };
  /** It was promoted, and bakes; absent while the manifest calls it a canary. */
  readonly bake?: Bake;
  /** Absent without a version beside it. */
  readonly stable?: ServiceSpec;
  /** The canary's share as the proxy serves it, percent. */
  readonly weight: number;
  /** Whose replica answers at an address of the stack's network. */
  readonly addresses: ReadonlyMap<string, Whose>;
  /** How often the replicas of each track ended by themselves since its first share. */
  readonly lives: Readonly<Record<Track, Lives>>;
}

export interface Scene {
  readonly stack: StackSpec;
  readonly memory: StackMemory;
  readonly world: World;
}

export function liveCanaries(scene: Scene): readonly LiveCanary[] {
  return scene.stack.services.flatMap((wanted) => {
    const live = liveCanary(scene, wanted);
    return live === undefined ? [] : [live];
  });
}

function liveCanary({ stack, memory, world }: Scene, wanted: ServiceSpec): LiveCanary | undefined {
  const service = wanted.name;
  const { canary: spec, rollout, stable } = memory.services[service] ?? {};
  const route = world.proxy.model?.routes.find((model) => model.service === service);
  if (spec === undefined || rollout?.startedAt === undefined || route?.split === undefined) return undefined;
  const hash = specHash(spec.container);
  if (rollout.specHash !== hash) return undefined;
  const replicas = world.containers.filter((one) => one.role === 'service' && one.service === service);
  const judged = judgedOf(replicas, rollout, stable);
  const by = stepsBy(wanted, { canary: spec, rollout });
  const at = rollout.bake === undefined ? rolloutOf(by, hash, { canary: spec, rollout }) : rollout;
  return {
    service,
    wanted: by,
    spec,
    specHash: hash,
    rollout: { ...at, startedAt: rollout.startedAt },
    ...(wanted.mode === 'canary' || rollout.bake === undefined ? {} : { bake: rollout.bake }),
    ...(stable === undefined ? {} : { stable }),
    weight: canaryShare(route),
    addresses: addressesOf({ replicas, judged }, stack.network.name),
    lives: livesOf(rollout, judged),
  };
}

interface Replicas {
  readonly replicas: readonly ObservedContainer[];
  readonly judged: readonly ObservedContainer[];
}

/** Where one version follows another on a track, both answer for a moment. */
function addressesOf({ replicas, judged }: Replicas, network: string): ReadonlyMap<string, Whose> {
  return new Map(
    replicas.flatMap((replica) => {
      const { track, networks } = replica;
      const address = networks.get(network)?.address ?? '';
      if (track === undefined || address === '') return [];
      return [[address, judged.includes(replica) ? track : 'other'] as const];
    }),
  );
}
