/** Finds out whether a container did not start because somebody else has one of its published ports, and who. */
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
  for (const { HostPort } of bindings.flat()) {
    const claim = HostPort === '' ? undefined : await claimOf(docker, info.Id, Number(HostPort));
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
