/** From an error to words and an exit code: a stack trace only for what no user can cause. */
import { CommanderError } from 'commander';
import { errorCode } from '../../controller/error-code.js';
import { fileWords } from '../../controller/file-words.js';
import { EngineAddressError, resolveEngineAddress } from '../../reconcilers/docker/engine-address.js';
import { EngineUnreachable, statusOf } from '../../reconcilers/docker/engine-errors.js';
import { CommandError, EXIT } from './exit.js';
import { readableStack } from './readable-stack.js';
import { words } from './talk.js';

export interface Explanation {
  readonly exitCode: number;
  /** Absent when it was said already. */
  readonly text?: string;
}

export function explainError(error: unknown): Explanation {
  if (error instanceof CommanderError) return { exitCode: error.exitCode };
  if (error instanceof CommandError) return { exitCode: error.exitCode, text: error.message };
  const trouble = engineTrouble(error);
  if (trouble !== undefined) return { exitCode: EXIT.failed, text: `${trouble.found}: ${trouble.cure}` };
  const text = fileWords(error) ?? refusalWords(error) ?? bugWords(error);
  return { exitCode: EXIT.failed, text };
}

export interface EngineTrouble {
  readonly found: string;
  readonly cure: string;
}

export const PERMISSION_CURE = 'add yourself to its group (sudo usermod -aG docker $USER), then log in again';

/** There is an engine, for others. */
export function isPermissionMissing(error: unknown): boolean {
  return error instanceof EngineUnreachable && errorCode(error.cause) === 'EACCES';
}

/** Why there is no engine, and what to do about it; undefined for every other error. */
export function engineTrouble(error: unknown): EngineTrouble | undefined {
  if (error instanceof EngineAddressError) return { found: error.message, cure: error.cure };
  return error instanceof EngineUnreachable ? unreachable(error) : undefined;
}

function unreachable(error: EngineUnreachable): EngineTrouble {
  const { describe } = resolveEngineAddress(process.env);
  if (isPermissionMissing(error))
    return {
      found: `you may not use the container engine at ${describe}`,
      cure: PERMISSION_CURE,
    };
  return {
    found: `${error.message} at ${describe}`,
    cure: 'start it (sudo systemctl start docker), or run "npm run up", which does; DOCKER_HOST names another one',
  };
}

/** What an error says that something goes on after: a stack trace helps nobody there. */
export function errorWords(error: unknown): string {
  return fileWords(error) ?? words(error);
}

/** What the engine, or whatever answers in its place, refused; undefined for every other error. */
function refusalWords(error: unknown): string | undefined {
  if (statusOf(error) === undefined) return undefined;
  const { describe } = resolveEngineAddress(process.env);
  return `what answers at ${describe} refused: ${words(error).trim()}. If that is no container engine, DOCKER_HOST names another one`;
}

function bugWords(error: unknown): string {
  const trace = error instanceof Error && error.stack !== undefined ? `\n${readableStack(error.stack)}` : '';
  return `this should not have happened, please report it: ${words(error)}${trace}`;
}
