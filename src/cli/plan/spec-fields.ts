/** A manifest's values as text, by the manifest's own keys; of environment variables only a digest. Pure. */
import type {
  CanarySpec,
  CanaryStep,
  HealthSpec,
  ServiceSpec,
  StackSpec,
} from '../../reconcilers/desired/stack-spec.js';
import type { Digest } from './env-digest.js';

/** Absent values are absent keys. */
export type Fields = Readonly<Record<string, string>>;

export function serviceFields(spec: ServiceSpec, digest: Digest): Fields {
  const { container, health, route } = spec;
  const { resources, security } = container;
  return present({
    mode: spec.mode,
    version: container.version,
    image: container.image,
    port: container.port,
    replicas: spec.replicas,
    command: container.command && JSON.stringify(container.command),
    ...keyed(
      'env',
      Object.entries(container.env).map(([key, value]) => [key, digest(value)]),
    ),
    ...keyed(
      'volumes',
      container.mounts.map((mount) => [mount.target, mountText(mount)]),
    ),
    restart_policy: container.restartPolicy,
    'route.host': route?.host,
    'route.path': route?.path,
    ...healthFields(health),
    ...canaryFields(spec.canary),
    drain: duration(spec.drainMs),
    pull: spec.pull,
    'metrics.path': spec.metrics?.path,
    'resources.cpus': resources.cpus,
    'resources.memory': resources.memoryBytes && `${String(resources.memoryBytes)} bytes`,
    'resources.pids': resources.pids,
    user: security.user,
    cap_add: list(security.capAdd),
    read_only: security.readOnly,
    tmpfs: list(security.tmpfs),
    aliases: list(container.aliases),
  });
}

function canaryFields(canary: CanarySpec | undefined): Readonly<Record<string, unknown>> {
  if (canary === undefined) return {};
  return {
    'canary.steps': canary.steps.map(stepText).join(', '),
    'canary.sticky': canary.sticky,
    'canary.header': canary.header,
    'canary.replicas': canary.replicas,
    'canary.warmup': duration(canary.warmupMs),
    'canary.deadline': duration(canary.deadlineMs),
    'canary.bake': canary.bakeMs === undefined ? undefined : duration(canary.bakeMs),
  };
}

function stepText(step: CanaryStep): string {
  if (step.kind === 'share') return `${String(step.weight)} % for ${duration(step.holdMs)}`;
  return step.ended === true ? 'pause (ended)' : 'pause';
}

/** What belongs to no service. */
export function stackFields({ network, proxy, policyEngine, contact, limits }: StackSpec): Fields {
  const thresholds = Object.entries(limits).flatMap(([domain, values]) =>
    Object.entries(values).map(([name, value]): [string, unknown] => [`${domain}.${name}`, value]),
  );
  return present({
    'network.name': network.name,
    'network.driver_type': network.driver,
    'nginx.image': proxy.image,
    'nginx.port': proxy.port,
    'nginx.proxy_timeout': `${String(proxy.timeoutSeconds)} s`,
    'nginx.pull': proxy.pull,
    'opa.image': policyEngine.image,
    'opa.port': policyEngine.port,
    'opa.timeout': duration(policyEngine.timeoutMs),
    'opa.policies_dir': policyEngine.policiesDir,
    'opa.pull': policyEngine.pull,
    contact,
    ...keyed('policy', thresholds),
  });
}

function healthFields(health: HealthSpec | undefined): Record<string, unknown> {
  if (health === undefined) return {};
  return {
    'health.path': health.path,
    'health.interval': duration(health.intervalMs),
    'health.timeout': duration(health.timeoutMs),
    'health.retries': health.retries,
    'health.deadline': duration(health.deadlineMs),
  };
}

function mountText({ source, readOnly }: { readonly source: string; readonly readOnly: boolean }): string {
  return readOnly ? `${source} (read-only)` : source;
}

function list(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(', ');
}

function duration(ms: number): string {
  return ms % 1000 === 0 ? `${String(ms / 1000)} s` : `${String(ms)} ms`;
}

function keyed(prefix: string, entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [`${prefix}.${key}`, value]));
}

function present(fields: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}
