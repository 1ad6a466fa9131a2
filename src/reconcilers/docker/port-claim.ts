/** Finds out whether somebody else has a port of the host that a container publishes, or will, and who. */
import type Docker from 'dockerode';
import { hostPortState } from '../../probes/host/port-state.js';
import { ForeignClaim } from './engine-errors.js';

/** Absent when all of the container's fixed host ports are free. */
export async function portClaim(
  docker: Docker,
  container: Docker.Container,
): Promise<ForeignClaim | undefined> {
  const info = await container.inspect();
  const bindings = Object.values(
    (info.HostConfig.PortBindings ?? {}) as Record<string, { HostPort: string }[]>,
  );
  const ports = bindings.flat().flatMap(({ HostPort }) => (HostPort === '' ? [] : [Number(HostPort)]));
  return firstClaim(docker, ports, info.Id);
}

/** `self`: a container that may have them. */
export async function firstClaim(
  docker: Docker,
  ports: readonly number[],
  self = '',
): Promise<ForeignClaim | undefined> {
  for (const port of ports) {
    const claim = await claimOf(docker, self, port);
    if (claim !== undefined) return claim;
  }
  return undefined;
}

async function claimOf(docker: Docker, self: string, port: number): Promise<ForeignClaim | undefined> {
  const holders = await docker.listContainers({ filters: { publish: [`${port}/tcp`] } });
  const holder = holders.find((entry) => entry.Id !== self);
  if (holder !== undefined) {
    const name = holder.Names[0]?.slice(1) ?? holder.Id;
    return claimed(port, `container ${name}, which is not this stack's; stop it or change the port`);
  }
  // `publish` filters by container port, too, so the host port itself is tried; a remote engine's ports read as free.
  return (await hostPortState(port, '0.0.0.0')) === 'taken'
    ? claimed(port, 'a process on the host; stop it or change the port')
    : undefined;
}

function claimed(port: number, by: string): ForeignClaim {
  return new ForeignClaim('port', String(port), `port ${port} is in use by ${by}`);
}
