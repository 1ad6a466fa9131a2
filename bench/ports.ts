/** Host ports of the benchmarks: all between 23000 and 23999, and free when asked for; the last one is their lock. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOWEST = 23_000;
const HIGHEST = 23_998;
const LOCK = 23_999;

export async function benchPort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (await isFree(port)) return port;
  }
}

/** Two runs at once would measure, and clear away, each other. Held until the process ends. */
export async function lockMachine(): Promise<void> {
  const server = createServer().listen({ port: LOCK, host: '127.0.0.1' });
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error('other benchmarks run on this machine: wait for their end', { cause: error });
  });
  server.unref();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(true)));
  });
}
