/** What stands beside the manifest and who is at work on it: the controller, the state directory. */
import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { controllerOf, holderWords, samePath } from '../basics/lock.js';
import type { StackPaths } from '../basics/paths.js';
import type { OpenEngine } from '../checks/engine-access.js';
import { fail, joined, ok, warn, type Finding } from '../checks/finding.js';

export async function lookAtController(
  { info }: Pick<OpenEngine, 'info'>,
  stack: string,
  { manifest }: StackPaths,
): Promise<Finding> {
  const holder = await controllerOf(info, stack);
  if (holder === undefined) return ok(`nobody controls stack ${stack} now; "swiftdeploy run" does`);
  const found = `stack ${stack} is controlled by ${holderWords(holder)}`;
  if (holder === 'unknown') return warn(found, 'let it go on (fg, kill -CONT), or end it');
  if (await samePath(holder.manifest, manifest)) return ok(found);
  return warn(
    `${found}: from another manifest than this one`,
    'edit that one, or stop that controller first',
  );
}

/** Tokens and environment values are in there: for their owner alone. */
export async function lookAtState({ stateDir, manifest }: StackPaths): Promise<Finding> {
  const wanted = [
    { path: stateDir, mode: 0o700 },
    ...['state.json', 'tokens.json'].map((name) => ({ path: join(stateDir, name), mode: 0o600 })),
  ];
  const items = await Promise.all([
    isWritable(dirname(manifest)),
    hasRoom(stateDir),
    ...wanted.map(({ path, mode }) => isForOwner(path, mode)),
  ]);
  return joined(stateWords(stateDir, items), items);
}

function stateWords(stateDir: string, items: readonly Finding[]): string {
  const bad = items.filter(({ result }) => result === 'fail').length;
  if (bad > 0) return `${String(bad)} of ${String(items.length)} places are not as they should be`;
  return existsSync(stateDir) ? `${stateDir} is for its owner alone` : `${stateDir} is not there yet`;
}

async function isWritable(directory: string): Promise<Finding> {
  const refusal = await access(directory, constants.W_OK).then(() => undefined, errorCode);
  if (refusal === undefined) return ok(`${directory} can be written`);
  return fail(
    `status.json and history.jsonl cannot be written to ${directory} (${refusal})`,
    'run this as its owner, or move the manifest to a directory of your own',
  );
}

/** It may be on a file system of its own. */
async function hasRoom(directory: string): Promise<Finding> {
  const room = await statfs(directory).catch(() => undefined);
  if (room === undefined || room.bavail > 0) return ok(`${directory} has room`);
  return fail(
    `nothing can be noted in ${directory}: there is no space left on its disk`,
    'make room there, or choose another place (--state-dir)',
  );
}

/** What is not there yet will be made as it should be. */
async function isForOwner(path: string, mode: number): Promise<Finding> {
  const found = await stat(path).catch(errorCode);
  if (found === 'ENOENT') return ok(`${path} is not there yet`);
  const cure = `sudo chown "$USER" '${path}' && chmod ${mode.toString(8)} '${path}'`;
  if (typeof found === 'string') return fail(`${path} cannot be looked at (${found})`, cure);
  const has = found.mode & 0o777;
  if ((has & ~mode) !== 0)
    return fail(`${path} is open to others (mode ${has.toString(8)})`, `chmod ${mode.toString(8)} '${path}'`);
  const refusal = await access(path, constants.R_OK | constants.W_OK).then(() => undefined, errorCode);
  return refusal === undefined
    ? ok(`${path} is its owner's alone`)
    : fail(`${path} belongs to somebody else`, cure);
}
