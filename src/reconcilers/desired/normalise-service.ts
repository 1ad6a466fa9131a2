/** One accepted service to its internal form: units in the names, lists in one order, nothing left to interpret. */
import { parseByteSize } from './byte-size.js';
import { LOG_PATH } from './check-mounts.js';
import { parseDuration } from './duration.js';
import { parseMount } from './parse-mount.js';
import type { RawCanary, RawCanaryStep, RawDuration, RawHealth, RawService } from './raw-manifest.js';
import { splitCommand } from './split-command.js';
import type {
  CanarySpec,
  CanaryStep,
  ContainerSpec,
  HealthSpec,
  MountSpec,
  ResourceSpec,
  RouteSpec,
  ServiceSpec,
} from './stack-spec.js';

/** The spec of `raw`; `isOnly` says that the stack has no other service, which decides its default route. */
export function normaliseService(name: string, raw: RawService, isOnly: boolean): ServiceSpec {
  const serves = raw.port !== undefined;
  const route = serves ? routeOf(raw, isOnly) : undefined;
  return {
    name,
    mode: raw.mode,
    container: containerOf(raw),
    replicas: raw.replicas,
    pull: raw.pull,
    ...(serves && raw.health !== false && { health: healthOf(raw.health) }),
    drainMs: milliseconds(raw.drain),
    ...(route && { route }),
    ...(serves && raw.metrics !== false && { metrics: { path: raw.metrics.path } }),
    ...(raw.canary && { canary: canaryOf(raw.canary, raw.replicas) }),
  };
}

const DEFAULT_HOLD = '60s';

function canaryOf(raw: RawCanary, replicas: number): CanarySpec {
  return {
    steps: raw.steps.map(stepOf),
    sticky: raw.sticky,
    ...(raw.header !== undefined && { header: raw.header }),
    replicas: raw.replicas ?? replicas,
    warmupMs: milliseconds(raw.warmup),
    deadlineMs: milliseconds(raw.deadline),
    ...(raw.bake !== undefined && bakeOf(raw.bake)),
  };
}

/** `0s` is no bake. */
function bakeOf(bake: RawDuration): Pick<CanarySpec, 'bakeMs'> {
  const bakeMs = milliseconds(bake);
  return bakeMs === 0 ? {} : { bakeMs };
}

function stepOf({ weight, hold = DEFAULT_HOLD, pause }: RawCanaryStep): CanaryStep {
  if (weight !== undefined) return { kind: 'share', weight, holdMs: milliseconds(hold) };
  return pause === true ? { kind: 'pause' } : { kind: 'pause', ended: true };
}

/** Of a duration that the schema has accepted. */
export function milliseconds(value: RawDuration): number {
  return parseDuration(value) ?? 0;
}

function routeOf(raw: RawService, isOnly: boolean): RouteSpec | undefined {
  if (raw.route === undefined) return isOnly ? { path: '/' } : undefined;
  const { host, path } = raw.route;
  return { ...(host !== undefined && { host: host.toLowerCase() }), path };
}

function healthOf(raw: RawHealth): HealthSpec {
  return {
    path: raw.path,
    intervalMs: milliseconds(raw.interval),
    timeoutMs: milliseconds(raw.timeout),
    retries: raw.retries,
    deadlineMs: milliseconds(raw.deadline),
  };
}

function containerOf(raw: RawService): ContainerSpec {
  const command = typeof raw.command === 'string' ? splitCommand(raw.command) : raw.command;
  return {
    image: raw.image,
    version: raw.version,
    ...(raw.port !== undefined && { port: raw.port }),
    ...(command && { command }),
    env: Object.fromEntries(Object.entries(raw.env).sort(([a], [b]) => byText(a, b))),
    mounts: mountsOf(raw),
    restartPolicy: raw.restart_policy,
    resources: resourcesOf(raw),
    aliases: sorted(raw.aliases),
    security: {
      ...(raw.user !== undefined && { user: String(raw.user) }),
      capAdd: sorted(raw.cap_add.map((capability) => capability.replace(/^CAP_/, ''))),
      readOnly: raw.read_only,
      tmpfs: sorted(raw.tmpfs),
    },
  };
}

function mountsOf(raw: RawService): MountSpec[] {
  const named = raw.volumes.map(parseMount).flatMap((result) => ('mount' in result ? [result.mount] : []));
  const log: MountSpec[] =
    raw.log_volume === undefined
      ? []
      : [{ type: 'volume', source: raw.log_volume, target: LOG_PATH, readOnly: false }];
  return [...named, ...log].sort((a, b) => byText(a.target, b.target));
}

function resourcesOf({ resources }: RawService): ResourceSpec {
  const memoryBytes = resources.memory === undefined ? undefined : parseByteSize(resources.memory);
  return {
    ...(resources.cpus !== undefined && { cpus: Number(resources.cpus) }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    pids: resources.pids,
  };
}

function sorted(words: readonly string[]): string[] {
  return [...new Set(words)].sort(byText);
}

/** By code unit: the same on every machine, whatever its language. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
