/** What of the engine's machine the policies are told of: the disk that fills up, and the socket that nobody may mount. */
import type { HostProbeOptions } from '../../probes/host.js';
import { resolveEngineAddress } from '../../reconcilers/docker/engine-address.js';
import type { Session } from './session.js';

export function enginePlace({ info: { dataRoot } }: Pick<Session, 'info'>): HostProbeOptions {
  const address = resolveEngineAddress(process.env);
  return { dataRoot, ...('socketPath' in address ? { socket: address.socketPath } : {}) };
}
