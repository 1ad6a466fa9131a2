/** One writer per stack: takes the stack's lock for a command, or says in words who has it. */
import { realpath } from 'node:fs/promises';
import { acquireStackLock, peekStackLock, type StackLock } from '../../controller/stack-lock.js';
import type { HeldBy } from '../../controller/lock-holder.js';
import type { EngineInfo } from '../../reconcilers/docker/engine.js';
import { CommandError } from './exit.js';
import type { Session } from './session.js';

/** The lock, or who has it. */
export async function tryLock(
  { info, paths }: Pick<Session, 'info' | 'paths'>,
  stack: string,
): Promise<StackLock | { readonly heldBy: HeldBy }> {
  const holder = { pid: process.pid, startedAt: new Date().toISOString(), manifest: paths.manifest };
  return acquireStackLock(lockId(info, stack), holder);
}

/** Who controls the stack now; undefined when nobody does. */
export function controllerOf(info: EngineInfo, stack: string): Promise<HeldBy | undefined> {
  return peekStackLock(lockId(info, stack));
}

/** `process 123 (since …, /srv/manifest.yaml)`. */
export function holderWords(heldBy: HeldBy): string {
  if (heldBy === 'unknown') return 'another process, which does not answer (is it stopped?)';
  return `process ${String(heldBy.pid)} (since ${heldBy.startedAt}, ${heldBy.manifest})`;
}

/** A controller that follows another file would never see what we wait for. */
export async function refuseOtherManifest(heldBy: HeldBy, stack: string, manifest: string): Promise<void> {
  if (heldBy === 'unknown' || (await samePath(heldBy.manifest, manifest))) return;
  throw new CommandError(
    `stack ${stack} is controlled by process ${String(heldBy.pid)} from another manifest, ${heldBy.manifest}: edit that one, or stop that controller`,
  );
}

async function samePath(left: string, right: string): Promise<boolean> {
  const real = (path: string) => realpath(path).catch(() => path);
  return left === right || (await real(left)) === (await real(right));
}

function lockId(info: EngineInfo, stack: string): string {
  return `${info.id}/${stack}`;
}
