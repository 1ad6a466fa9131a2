/** What a policy is told of a service, or of a part of the stack's own: the whole of what is wanted, and of the environment its names alone. Pure. */
import { parseImageReference } from '../desired/image-reference.js';
import { specHash } from '../desired/spec-hash.js';
import type {
  CanarySpec,
  CanaryStep,
  HealthSpec,
  MountSpec,
  PullPolicy,
  ResourceSpec,
  RestartPolicy,
  ServiceSpec,
} from '../desired/stack-spec.js';
import type { Track } from '../plan/proxy-model.js';
import type { GatePart, GateService } from '../plan/steps.js';

export interface ImageRefFact {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Of a version that nobody remembers there is only what its container says. */
export interface ServiceFact extends Partial<SpecFact> {
  readonly name: string;
  /** `MODE` in the container. */
  readonly mode: Track;
  readonly track: Track;
  readonly version: string;
  readonly image: string;
  readonly image_ref: ImageRefFact;
}

export interface SpecFact {
  readonly spec_hash: string;
  readonly replicas: number;
  readonly port?: number;
  readonly user?: string;
  readonly cap_add: readonly string[];
  readonly read_only: boolean;
  readonly tmpfs: readonly string[];
  readonly command?: readonly string[];
  readonly mounts: readonly MountFact[];
  /** Names, sorted. */
  readonly env: readonly string[];
  readonly resources: { readonly cpus?: number; readonly memory_bytes?: number; readonly pids: number };
  readonly restart_policy: RestartPolicy;
  readonly pull: PullPolicy;
  readonly route?: { readonly host?: string; readonly path: string };
  readonly aliases: readonly string[];
  /** Absent for a service that is not asked how it is. */
  readonly health?: HealthFact;
  readonly drain_seconds: number;
  /** Absent for a service without any. */
  readonly metrics?: { readonly path: string };
  /** Absent: a canary gets everything at once. */
  readonly canary?: CanaryPlanFact;
}

export interface HealthFact {
  readonly path: string;
  readonly interval_seconds: number;
  readonly timeout_seconds: number;
  readonly retries: number;
  readonly deadline_seconds: number;
}

/** How a canary is to get its share, as the manifest says. */
export interface CanaryPlanFact {
  readonly steps: readonly CanaryStepFact[];
  readonly sticky: CanarySpec['sticky'];
  readonly header?: string;
  readonly replicas: number;
  readonly warmup_seconds: number;
  readonly deadline_seconds: number;
  readonly bake_seconds?: number;
}

/** `pause` is false where somebody has ended it in the manifest. */
export type CanaryStepFact =
  { readonly weight: number; readonly hold_seconds: number } | { readonly pause: boolean };

export interface MountFact {
  readonly type: 'volume' | 'bind';
  readonly source: string;
  /** With its links resolved; absent for a volume, and where it cannot be told (`withRealSources`). */
  readonly real_source?: string;
  readonly target: string;
  readonly read_only: boolean;
}

export interface PartFact extends GatePart {
  readonly image_ref?: ImageRefFact;
}

export function serviceFact({ name, track, version, image, spec }: GateService): ServiceFact {
  const known = { name, mode: track, track, version, image, image_ref: imageRefFact(image) };
  return spec === undefined ? known : { ...known, ...specFact(spec) };
}

export function partFact(part: GatePart): PartFact {
  return part.image === undefined ? part : { ...part, image_ref: imageRefFact(part.image) };
}

function imageRefFact(image: string): ImageRefFact {
  const { registry, repository, tag, digest } = parseImageReference(image);
  return { registry, repository, ...(tag === '' ? {} : { tag }), ...present('digest', digest) };
}

function specFact(spec: ServiceSpec): SpecFact {
  const { container, replicas, pull, route, health, drainMs, metrics, canary } = spec;
  const { security, resources } = container;
  return {
    spec_hash: specHash(container),
    replicas,
    ...present('port', container.port),
    ...present('user', security.user),
    cap_add: security.capAdd,
    read_only: security.readOnly,
    tmpfs: security.tmpfs,
    ...present('command', container.command),
    mounts: container.mounts.map(mountFact),
    env: Object.keys(container.env).sort(),
    resources: resourceFact(resources),
    restart_policy: container.restartPolicy,
    pull,
    ...present('route', route),
    aliases: container.aliases,
    ...present('health', health && healthFact(health)),
    drain_seconds: seconds(drainMs),
    ...present('metrics', metrics),
    ...present('canary', canary && canaryPlanFact(canary)),
  };
}

function healthFact({ path, intervalMs, timeoutMs, retries, deadlineMs }: HealthSpec): HealthFact {
  return {
    path,
    interval_seconds: seconds(intervalMs),
    timeout_seconds: seconds(timeoutMs),
    retries,
    deadline_seconds: seconds(deadlineMs),
  };
}

function canaryPlanFact(plan: CanarySpec): CanaryPlanFact {
  const { steps, sticky, header, replicas, warmupMs, deadlineMs, bakeMs } = plan;
  return {
    steps: steps.map(stepFact),
    sticky,
    ...present('header', header),
    replicas,
    warmup_seconds: seconds(warmupMs),
    deadline_seconds: seconds(deadlineMs),
    ...present('bake_seconds', bakeMs && seconds(bakeMs)),
  };
}

function stepFact(step: CanaryStep): CanaryStepFact {
  return step.kind === 'share'
    ? { weight: step.weight, hold_seconds: seconds(step.holdMs) }
    : { pause: step.ended !== true };
}

function seconds(ms: number): number {
  return ms / 1000;
}

function mountFact({ type, source, target, readOnly }: MountSpec): MountFact {
  return { type, source, target, read_only: readOnly };
}

function resourceFact({ cpus, memoryBytes, pids }: ResourceSpec): SpecFact['resources'] {
  return { ...present('cpus', cpus), ...present('memory_bytes', memoryBytes), pids };
}

/** Unknown is absent. */
function present<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<K, V>>);
}
