/** Host ports for stacks under test: far from the defaults, below the ephemeral ones, free when asked for, and none twice. */
import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;

/** By this file's tests: a port that nobody listens on yet is free, too, when the next one is asked for. */
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
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
