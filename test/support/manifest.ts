/** The manifest that tests start from: the shipped workload, impatient where waiting would only cost time. */

export interface TestService {
  name?: string;
  image: string;
  [key: string]: unknown;
}

export interface TestManifest {
  services: Record<string, unknown>;
  nginx: { image: string; port: number; [key: string]: unknown };
  opa: { image: string; port: number; [key: string]: unknown };
  network: { name: string };
  contact: string;
}

export const WORKLOAD = 'swift-deploy-1-node:latest';
/** Node.js and nothing else: for programs that a test writes into `command`. */
export const NODE = 'node:20-slim';

export function workload(fields: Record<string, unknown> = {}): TestService {
  return {
    image: WORKLOAD,
    port: 3000,
    version: '1',
    health: { interval: '200ms', timeout: '1s', deadline: '6s' },
    drain: '2s',
    ...fields,
  };
}

const TICKER = "process.on('SIGTERM', () => process.exit()); setInterval(() => console.log('tick'), 500)";

/** A service without a port, which nobody asks for anything. */
export function worker(version: string): TestService {
  return { image: NODE, version, command: ['node', '-e', TICKER], drain: '1s' };
}

export function manifestOf(
  network: string,
  ports: { proxy: number; opa: number },
  services: Record<string, unknown>,
): TestManifest {
  return {
    services,
    nginx: { image: 'nginx:latest', port: ports.proxy, proxy_timeout: 5 },
    opa: { image: 'openpolicyagent/opa:latest-static', port: ports.opa },
    network: { name: network },
    contact: 'ops@example.com',
  };
}
