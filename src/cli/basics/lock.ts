/** One writer per stack: takes the stack's lock for a command, or says in words who has it. */
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireStackLock, peekStackLock, type StackLock } from '../../controller/stack-lock.js';
import type { HeldBy, LockHolder } from '../../controller/lock-holder.js';
import type { EngineInfo } from '../../reconcilers/docker/engine.js';
import { CommandError } from './exit.js';
import { manifestName } from './manifest-name.js';
import type { StackPaths } from './paths.js';

/** `look`: for the moment of a scrape; whoever wants to change something waits that long. */
export type LockPurpose = 'control' | 'look';

const LONGEST_LOOK_MS = 10_000;
const RETRY_MS = 50;

/** The lock, or who has it. */
export async function tryLock(
  { info, paths }: { readonly info: Pick<EngineInfo, 'id'>; readonly paths: Pick<StackPaths, 'manifest'> },
  stack: string,
  purpose: LockPurpose = 'control',
): Promise<StackLock | { readonly heldBy: HeldBy }> {
  const holder = holderOf(paths, purpose);
  const deadlineAtMs = performance.now() + LONGEST_LOOK_MS;
  for (;;) {
    const lock = await acquireStackLock(lockId(info, stack), holder);
    const isBusyLooking = 'heldBy' in lock && lock.heldBy !== 'unknown' && lock.heldBy.purpose === 'look';
    if (purpose === 'look' || !isBusyLooking || performance.now() > deadlineAtMs) return lock;
    await sleep(RETRY_MS);
  }
}

/** Of the manifest's folder; throws where another process has it: two that follow git would change the manifest under each other. */
export async function lockFolder(paths: Pick<StackPaths, 'manifest'>): Promise<StackLock> {
  const folder = dirname(paths.manifest);
  const lock = await acquireStackLock(`folder/${await realPath(folder)}`, holderOf(paths, 'control'));
  if ('heldBy' in lock)
    throw new CommandError(
      `${folder} is controlled by ${holderWords(lock.heldBy)}: one controller per stack. Nothing was changed.`,
    );
  return lock;
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
  if (heldBy === 'unknown' || !(await isFromOther(heldBy, manifest))) return;
  throw new CommandError(
    `stack ${stack} is ${otherManifestWords(heldBy)}: edit that one, or stop that controller`,
  );
}

/**
 * For who found `stack` in the state directory: throws where that is what another manifest's controller has there. `--state-dir` alone
 * would leave two controllers with one status and one history.
 */
export async function refuseOtherStack(
  heldBy: HeldBy,
  stack: string,
  { manifest, stateDir }: Pick<StackPaths, 'manifest' | 'stateDir'>,
): Promise<void> {
  if (heldBy === 'unknown' || !(await isFromOther(heldBy, manifest))) return;
  const name = await manifestName(manifest);
  if (name === undefined || name === stack) return;
  throw new CommandError(
    `${stateDir} is the state directory of stack ${stack}, which is controlled by ${holderWords(heldBy)}: move ${manifest} to a folder of its own, as stack ${name} needs a state directory, a status.json and a history.jsonl of its own. Nothing was changed.`,
  );
}

/** In a copy of the project, or where it was moved. */
export async function isFromOther(heldBy: LockHolder, manifest: string): Promise<boolean> {
  return !(await samePath(heldBy.manifest, manifest));
}

export function otherManifestWords({ pid, manifest }: LockHolder): string {
  return `controlled by process ${String(pid)} from another manifest, ${manifest}`;
}

/** One file, whatever links lead to it. */
export async function samePath(left: string, right: string): Promise<boolean> {
  return left === right || (await realPath(left)) === (await realPath(right));
}

/** As it is written where it leads nowhere. */
function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function lockId(info: Pick<EngineInfo, 'id'>, stack: string): string {
  return `${info.id}/${stack}`;
}

function holderOf({ manifest }: Pick<StackPaths, 'manifest'>, purpose: LockPurpose): LockHolder {
  return { pid: process.pid, startedAt: new Date().toISOString(), manifest, purpose };
}
