/** Host ports for stacks under test: far from the defaults, below the ephemeral ones, free when asked for, and none twice. */
import { createServer } from 'node:net';

/** Of this project: those that run side by side (scripts/test.mjs) share none. */
const LOWEST = Number(process.env.TEST_PORTS_FROM ?? 20_000);
const PORTS = 6000;

/** By this file's tests: a port that nobody listens on yet is free, too, when the next one is asked for. */
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * PORTS);
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
