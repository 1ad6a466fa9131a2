/**
 * One controller per stack: a listening socket that dies with its process and names its holder to whoever connects.
 * It must never hang, and never take a lock from a holder that is merely slow or stopped.
 */

import { rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './error-code.js';
import { askHolder, type Answer, type HeldBy, type LockHolder } from './lock-holder.js';
import { isSocketFile, lockAddress } from './lock-address.js';

const DEADLINE_MS = 1_000;
const RETRY_MS = 20;

/** A lock that was taken. */
export interface StackLock {
  /** Gives the lock back; resolves when another may take it. */
  release(): Promise<void>;
}

/** A lock that somebody else has. */
export interface HeldLock {
  readonly heldBy: HeldBy;
}

export interface StackLockOptions {
  /** Replaced in tests: Linux has abstract sockets, the others a socket file in the temporary directory. */
  readonly platform?: NodeJS.Platform;
}

/** Takes the lock of stack `id`, or says who has it, within about a second; rejects if the system refuses the socket. */
export async function acquireStackLock(
  id: string,
  holder: LockHolder,
  options: StackLockOptions = {},
): Promise<StackLock | HeldLock> {
  const address = lockAddress(id, options.platform ?? process.platform);
  const deadlineAtMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const lock = await tryListen(address, holder);
    if (lock !== undefined) return lock;
    const answer = await askHolder(address, Math.max(1, deadlineAtMs - performance.now()));
    const heldBy = heldByOf(answer);
    if (heldBy !== undefined) return { heldBy };
    if (performance.now() > deadlineAtMs) return { heldBy: 'unknown' };
    if (answer.kind === 'nobody' && isSocketFile(address)) await removeIfStale(address);
    await sleep(RETRY_MS);
  }
}

/** Who holds the lock of stack `id`; undefined if nobody does. */
export async function peekStackLock(id: string, options: StackLockOptions = {}): Promise<HeldBy | undefined> {
  return heldByOf(await askHolder(lockAddress(id, options.platform ?? process.platform), DEADLINE_MS));
}

function heldByOf(answer: Answer): HeldBy | undefined {
  if (answer.kind === 'holder') return answer.holder;
  return answer.kind === 'silent' ? 'unknown' : undefined;
}

/** Undefined if the address is taken. */
function tryListen(address: string, holder: LockHolder): Promise<StackLock | undefined> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    sendHolder(client, holder);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ path: address }, () => {
      server.unref();
      // A failed accept (no file descriptors left) costs one answer, not the lock.
      server.on('error', (error) => process.emitWarning(error));
      resolve({ release: () => closeServer(server, clients) });
    });
  });
}

function sendHolder(client: Socket, holder: LockHolder): void {
  client.unref();
  client.on('error', () => client.destroy());
  client.setTimeout(DEADLINE_MS, () => client.destroy());
  client.end(JSON.stringify(holder));
}

function closeServer(server: Server, clients: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const client of clients) client.destroy();
  });
}

/** Moved away first and asked again there: between our two looks another process may have bound the name anew. */
async function removeIfStale(address: string): Promise<void> {
  const aside = `${address}.${process.pid}`;
  try {
    await rename(address, aside);
    const answer = await askHolder(aside, DEADLINE_MS);
    if (answer.kind === 'nobody') await rm(aside, { force: true });
    else await rename(aside, address);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
