/** Host ports for stacks under test: far from the defaults, below the ephemeral ones, free when asked for, and none twice. */
import { createServer } from 'node:net';

const LOWEST = 20_000;
const PORTS = 6000;
/** Files that run beside each other share no port. */
const OWN_LOWEST = LOWEST + PORTS * (Number(process.env.VITEST_POOL_ID ?? 1) - 1);

/** By this file's tests: a port that nobody listens on yet is free, too, when the next one is asked for. */
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = OWN_LOWEST + Math.floor(Math.random() * PORTS);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(true)));
  });
}
