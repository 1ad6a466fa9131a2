/** Who has what on the engine: published ports, anybody's, and everything that carries the label of any stack. */
import type Docker from 'dockerode';
import { LABEL } from '../plan/container-template.js';
import type { ContainerOwner, OwnedPart, PortHolder } from './engine.js';
import { roleOf } from './inspect.js';

/** Ports of the host that the listed containers are reached on. */
export function publishedPorts(list: readonly Docker.ContainerInfo[]): PortHolder[] {
  return list.flatMap((entry) =>
    entry.Ports.flatMap(({ PublicPort, IP }) =>
      PublicPort === undefined ? [] : [{ port: PublicPort, hostAddress: IP ?? '', ...ownerOf(entry) }],
    ),
  );
}

export async function listOwned(docker: Docker): Promise<OwnedPart[]> {
  const filters = { label: [LABEL.stack] };
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  const volumeList: Docker.VolumeInspectInfo[] | null = volumes.Volumes;
  return [
    ...containers.map(containerPart),
    ...networks.map((entry) => part('network', entry.Name, entry.Labels)),
    ...(volumeList ?? []).map((entry) => part('volume', entry.Name, entry.Labels)),
  ];
}

function containerPart(entry: Docker.ContainerInfo): OwnedPart {
  return {
    ...part('container', nameOf(entry), entry.Labels),
    role: roleOf(entry.Labels[LABEL.role]),
    running: entry.State === 'running',
    createdAt: entry.Created * 1000,
  };
}

function part(what: OwnedPart['what'], name: string, labels: Readonly<Record<string, string>> | undefined) {
  return { what, name, stack: labels?.[LABEL.stack] ?? '' };
}

function ownerOf(entry: Docker.ContainerInfo): ContainerOwner {
  const stack = entry.Labels[LABEL.stack];
  const owner = { container: nameOf(entry), image: entry.Image };
  return stack === undefined ? owner : { ...owner, stack, role: roleOf(entry.Labels[LABEL.role]) };
}

function nameOf(entry: Docker.ContainerInfo): string {
  return entry.Names[0]?.slice(1) ?? entry.Id.slice(0, 12);
}
