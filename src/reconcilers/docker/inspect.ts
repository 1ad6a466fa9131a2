/** The Engine's inspect answers, read into our own words; tolerant of fields that older or newer Engines leave out. */
import type Docker from 'dockerode';
import type { MountSpec } from '../desired/stack-spec.js';
import type {
  ContainerState,
  ObservedConfig,
  ObservedContainer,
  ObservedEndpoint,
  ObservedImage,
  PublishedPort,
  Role,
} from '../observed/world.js';
import { LABEL } from '../plan/container-template.js';
import { limitsOf, type KernelLimits } from './limits.js';
import { startWords } from './start-words.js';

export function containerOf(info: Docker.ContainerInspectInfo, kernel: KernelLimits): ObservedContainer {
  const labels = info.Config.Labels ?? {};
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    role: roleOf(labels[LABEL.role]),
    ...identity(labels),
    state: info.State.Status as ContainerState,
    createdAt: Date.parse(info.Created),
    ...times(info.State),
    exitCode: info.State.ExitCode,
    oomKilled: info.State.OOMKilled,
    restartCount: info.RestartCount,
    ...(info.State.Error ? { startError: startWords(info.State.Error) } : {}),
    config: configOf(info, kernel),
    networks: endpoints(info.NetworkSettings?.Networks ?? {}),
    ports: livePorts(info.NetworkSettings?.Ports ?? {}),
  };
}

/** What carries no role is a service's. */
export function roleOf(label: string | undefined): Role {
  return label === 'proxy' || label === 'policy' || label === 'check' ? label : 'service';
}

function identity(labels: Readonly<Record<string, string>>) {
  const track = labels[LABEL.track];
  const replica = Number(labels[LABEL.replica]);
  return {
    ...optional('service', labels[LABEL.service]),
    ...(track === 'stable' || track === 'canary' ? ({ track } as const) : {}),
    ...(Number.isInteger(replica) ? { replica } : {}),
    ...optional('specHash', labels[LABEL.specHash]),
    ...optional('version', labels[LABEL.version]),
  };
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, string>>);
}

/** The Engine writes year 1 for "never". */
function times(state: { StartedAt?: string; FinishedAt?: string }) {
  const startedAt = Date.parse(state.StartedAt ?? '');
  const finishedAt = Date.parse(state.FinishedAt ?? '');
  return { ...(startedAt > 0 ? { startedAt } : {}), ...(finishedAt > 0 ? { finishedAt } : {}) };
}

function configOf(info: Docker.ContainerInspectInfo, kernel: KernelLimits): ObservedConfig {
  const host = info.HostConfig;
  return {
    image: info.Config.Image,
    imageId: info.Image,
    user: info.Config.User,
    command: listOf(info.Config.Cmd),
    entrypoint: listOf(info.Config.Entrypoint),
    env: envOf(info.Config.Env),
    labels: info.Config.Labels ?? {},
    mounts: mountsOf(host),
    tmpfs: Object.entries((host.Tmpfs ?? {}) as Record<string, string>).map(([path, options]) =>
      options === '' ? path : `${path}:${options}`,
    ),
    readOnly: host.ReadonlyRootfs ?? false,
    capAdd: listOf(host.CapAdd as string[] | null).map(capability),
    capDrop: listOf(host.CapDrop as string[] | null).map(capability),
    securityOpt: listOf(host.SecurityOpt as string[] | null),
    privileged: host.Privileged ?? false,
    ...limitsOf(host, kernel),
    publish: bindings((host.PortBindings ?? {}) as PortMap),
  };
}

type PortMap = Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>;

function bindings(map: PortMap): PublishedPort[] {
  return Object.entries(map).flatMap(([port, hosts]) =>
    (hosts ?? []).map((host) => ({
      container: Number.parseInt(port, 10),
      hostAddress: host.HostIp ?? '',
      host: Number(host.HostPort ?? 0),
    })),
  );
}

function livePorts(map: PortMap): PublishedPort[] {
  return bindings(map).filter((port) => port.host > 0);
}

function listOf(value: string | readonly string[] | null | undefined): readonly string[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** Engines differ in whether they report `NET_ADMIN` or `CAP_NET_ADMIN`. */
function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

export function envOf(list: readonly string[] | null | undefined): Record<string, string> {
  const pairs = (list ?? []).map((entry): [string, string] => {
    const equals = entry.indexOf('=');
    return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  return Object.fromEntries(pairs);
}

function mountsOf(host: Docker.HostConfig): MountSpec[] {
  const binds = (host.Binds ?? []).map(bindOf);
  const mounts = (host.Mounts ?? []).map((mount): MountSpec => ({
    type: mount.Type === 'volume' ? 'volume' : 'bind',
    source: mount.Source,
    target: mount.Target,
    readOnly: mount.ReadOnly ?? false,
  }));
  return [...binds, ...mounts];
}

function bindOf(text: string): MountSpec {
  const [source = '', target = '', options = ''] = text.split(':');
  return {
    type: source.startsWith('/') ? 'bind' : 'volume',
    source,
    target,
    readOnly: options.split(',').includes('ro'),
  };
}

function endpoints(
  networks: Readonly<Record<string, Docker.EndpointSettings>>,
): ReadonlyMap<string, ObservedEndpoint> {
  return new Map(
    Object.entries(networks).map(([name, endpoint]) => [
      name,
      {
        networkId: endpoint.NetworkID ?? '',
        aliases: endpoint.Aliases ?? [],
        address: endpoint.IPAddress ?? '',
        ...optional('gateway', endpoint.Gateway === '' ? undefined : endpoint.Gateway),
      },
    ]),
  );
}

export function imageOf(info: Docker.ImageInspectInfo): ObservedImage {
  const config = (info.Config ?? {}) as {
    User?: string;
    Env?: string[];
    Cmd?: string[] | string;
    Entrypoint?: string[] | string;
  };
  return {
    id: info.Id,
    user: config.User ?? '',
    env: envOf(config.Env),
    command: listOf(config.Cmd),
    entrypoint: listOf(config.Entrypoint),
  };
}
