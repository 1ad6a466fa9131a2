/** A container template as the Engine API wants it (docs.docker.com/reference/api/engine, ContainerCreate). */
import type Docker from 'dockerode';
import type { MountSpec } from '../desired/stack-spec.js';
import type { PublishedPort } from '../observed/world.js';
import { HARDENING, imageReference, type ContainerTemplate } from '../plan/container-template.js';

export function createOptions(template: ContainerTemplate): Docker.ContainerCreateOptions {
  return {
    name: template.name,
    Image: imageReference(template),
    User: template.user,
    Env: Object.entries(template.env).map(([key, value]) => `${key}=${value}`),
    Labels: { ...template.labels },
    StopTimeout: Math.ceil(template.stopGraceMs / 1000),
    ExposedPorts: Object.fromEntries(template.publish.map((port) => [`${port.container}/tcp`, {}])),
    ...(template.entrypoint === undefined ? {} : { Entrypoint: [...template.entrypoint] }),
    ...(template.command === undefined ? {} : { Cmd: [...template.command] }),
    HostConfig: hostConfig(template),
    ...(hasEndpoint(template) ? { NetworkingConfig: endpoint(template) } : {}),
  };
}

/** No network at all, and the network of another container (`container:ID`), are modes and no networks. */
function hasEndpoint({ network }: ContainerTemplate): boolean {
  return network !== 'none' && !network.startsWith('container:');
}

function endpoint({ network, aliases }: ContainerTemplate) {
  return { EndpointsConfig: { [network]: { Aliases: [...aliases] } } };
}

function hostConfig(template: ContainerTemplate): Docker.HostConfig {
  return {
    ...resourceLimits(template),
    PidsLimit: template.pids,
    NetworkMode: template.network,
    Binds: template.mounts.filter((mount) => mount.type === 'bind').map(bindText),
    Mounts: template.mounts.filter((mount) => mount.type === 'volume').map(volumeMount),
    Tmpfs: Object.fromEntries(template.tmpfs.map(tmpfsEntry)),
    ReadonlyRootfs: template.readOnly,
    CapDrop: [...HARDENING.capDrop],
    CapAdd: [...template.capAdd],
    SecurityOpt: [...HARDENING.securityOpt],
    PortBindings: Object.fromEntries(template.publish.map(portBinding)),
    LogConfig: { Type: HARDENING.log.driver, Config: { ...HARDENING.log.options } },
  };
}

/** The part of a container that `docker update` can change in place. */
export function resourceLimits(template: ContainerTemplate) {
  return {
    NanoCpus: Math.round((template.cpus ?? 0) * 1e9),
    Memory: template.memoryBytes ?? 0,
    MemorySwap: template.memoryBytes ?? 0,
    RestartPolicy: { Name: template.restartPolicy },
  };
}

function bindText(mount: MountSpec): string {
  return `${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`;
}

function volumeMount(mount: MountSpec): Docker.MountSettings {
  return { Type: 'volume', Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly };
}

function tmpfsEntry(entry: string): [string, string] {
  const colon = entry.indexOf(':');
  return colon < 0 ? [entry, ''] : [entry.slice(0, colon), entry.slice(colon + 1)];
}

function portBinding(port: PublishedPort): [string, Docker.PortBinding[]] {
  const hostPort = port.host === 0 ? '' : String(port.host);
  return [`${port.container}/tcp`, [{ HostIp: port.hostAddress, HostPort: hostPort }]];
}
