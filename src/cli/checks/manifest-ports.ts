/** The ports that a manifest publishes on the host, as checks. */
import { withEngine, type EngineAccess } from './engine-access.js';
import { skipped, type Check } from './finding.js';
import type { ManifestLook } from './manifest-look.js';
import { lookAtPort, type PortWish } from './port-check.js';

export function proxyPortCheck(access: EngineAccess, { outline }: ManifestLook): Check {
  const part = { address: '0.0.0.0', role: 'proxy', key: 'nginx.port', stack: outline?.name } as const;
  return portCheck(access, outline?.proxyPort, { name: 'nginx port', part });
}

export function policyPortCheck(access: EngineAccess, { outline }: ManifestLook): Check {
  const part = { address: '127.0.0.1', role: 'policy', key: 'opa.port', stack: outline?.name } as const;
  return portCheck(access, outline?.policyPort, { name: 'opa port', part });
}

function portCheck(
  access: EngineAccess,
  port: number | undefined,
  { name, part }: { readonly name: string; readonly part: Omit<PortWish, 'port'> },
): Check {
  const look = withEngine(access, (open) =>
    port === undefined ? skipped('the manifest does not say which') : lookAtPort(open, { ...part, port }),
  );
  return { name, look };
}
