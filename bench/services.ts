/** What the benchmarks run: the shipped workload where its start counts, a very small nginx where containers are counted. */

export const WORKLOAD_IMAGE = 'swift-deploy-1-node:latest';
export const WORKLOAD_PORT = 3000;

/** One replica of the shipped workload, everything else as it is by default. */
export function workload(version: string): Record<string, unknown> {
  return { name: 'app', image: WORKLOAD_IMAGE, port: WORKLOAD_PORT, version };
}

/** One process and 2 MiB: hundreds of them fit on a small machine. It makes its folders when it starts, hence CHOWN. */
export const LIGHT = {
  image: 'nginx:latest',
  port: 80,
  user: '0:0',
  command: ['nginx', '-g', 'daemon off; master_process off;'],
  capAdd: ['CHOWN'],
} as const;

export function light(replicas: number): Record<string, unknown> {
  const { image, port, user, command, capAdd } = LIGHT;
  return { name: 'app', image, port, user, command, cap_add: capAdd, replicas, health: { path: '/' } };
}
