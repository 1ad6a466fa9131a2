/** Finds out whether somebody else has a port of the host that a container publishes, or will, and who. */
import type Docker from 'dockerode';
import { hostPortState } from '../../probes/host/port-state.js';
import { LABEL } from '../plan/container-template.js';
import { ForeignClaim } from './engine-errors.js';
import { publishedPorts } from './owners.js';

/** Why a container did not start; absent when nobody but its own stack has one of its fixed ports of the host. */
export async function portClaim(
  docker: Docker,
  container: Docker.Container,
): Promise<ForeignClaim | undefined> {
  const { Config, HostConfig } = await container.inspect();
  const bindings = Object.values((HostConfig.PortBindings ?? {}) as Record<string, { HostPort: string }[]>);
  const ports = bindings.flat().flatMap(({ HostPort }) => (HostPort === '' ? [] : [Number(HostPort)]));
  return foreignClaim(docker, ports, Config.Labels[LABEL.stack]);
}

/** What another part of the stack has will be free when that has moved. */
export async function foreignClaim(
  docker: Docker,
  ports: readonly number[],
  ofStack: string | undefined,
): Promise<ForeignClaim | undefined> {
  if (ports.length === 0) return undefined;
  const published = publishedPorts(await docker.listContainers());
  for (const port of ports) {
    const holders = published.filter((held) => held.port === port);
    const other = holders.find(({ stack }) => stack !== ofStack);
    if (other !== undefined) return claimed(port, `container ${other.container}, which is not this stack's`);
    if (holders.length === 0 && (await hasProcess(docker, port)))
      return claimed(port, 'a process on the host');
  }
  return undefined;
}

/** Of a remote engine's host nobody knows. */
async function hasProcess(docker: Docker, port: number): Promise<boolean> {
  const { socketPath } = docker.modem as { readonly socketPath?: string };
  return socketPath !== undefined && (await hostPortState(port, '0.0.0.0')) === 'taken';
}

function claimed(port: number, by: string): ForeignClaim {
  const message = `port ${String(port)} is in use by ${by}; stop it or change the port`;
  return new ForeignClaim('port', String(port), message);
}
