/** From an error to words and an exit code: a stack trace only for what no user can cause. */
import { CommanderError } from 'commander';
import { errorCode } from '../../controller/error-code.js';
import { EngineAddressError, resolveEngineAddress } from '../../reconcilers/docker/engine-address.js';
import { EngineUnreachable } from '../../reconcilers/docker/engine-errors.js';
import { CommandError, EXIT } from './exit.js';
import { words } from './talk.js';

export interface Explanation {
  readonly exitCode: number;
  /** Absent when it was said already. */
  readonly text?: string;
}

export function explain(error: unknown): Explanation {
  if (error instanceof CommanderError) return { exitCode: error.exitCode };
  if (error instanceof CommandError) return { exitCode: error.exitCode, text: error.message };
  if (error instanceof EngineUnreachable) return { exitCode: EXIT.failed, text: unreachableWords(error) };
  if (error instanceof EngineAddressError)
    return { exitCode: EXIT.failed, text: `${error.message}: ${error.cure}` };
  const file = fileWords(error);
  return { exitCode: EXIT.failed, text: file ?? bugWords(error) };
}

function unreachableWords({ cause, message }: EngineUnreachable): string {
  const { describe } = resolveEngineAddress(process.env);
  if (errorCode(cause) === 'EACCES')
    return `you may not use the container engine at ${describe}: add yourself to its group (sudo usermod -aG docker $USER), then log in again`;
  return `${message} at ${describe}: start it (sudo systemctl start docker), or run "npm run up", which does; DOCKER_HOST names another one`;
}

const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'its directory does not exist',
  EEXIST: 'something else stands there',
  ELOOP: 'it is a link that leads back to itself',
  EMFILE: 'too many files are open',
};

/** What a disk or its owner refused; undefined for every other error. */
function fileWords(error: unknown): string | undefined {
  const why = FILE_WORDS[errorCode(error)];
  if (why === undefined || !(error instanceof Error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  return `${path} cannot be read or written: ${why}`;
}

function bugWords(error: unknown): string {
  const trace = error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  return `this should not have happened, please report it: ${words(error)}${trace}`;
}
