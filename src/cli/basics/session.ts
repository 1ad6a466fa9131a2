/** What a command needs before it does anything: the files, the engine, and a way to be stopped. */
import type { Engine, EngineInfo } from '../../reconcilers/docker/engine.js';
import { connectEngine } from '../../reconcilers/docker/connect.js';
import { CommandError, EXIT } from './exit.js';
import { orAfter } from './or-after.js';
import { stackPaths, type CommonOptions, type StackPaths } from './paths.js';
import { stopSignal, unlessAborted } from './signals.js';

export interface Session {
  readonly options: CommonOptions;
  readonly paths: StackPaths;
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly stop: AbortSignal;
  /** Of the command, on `performance.now()`'s clock. */
  readonly startedAtMs: number;
}

export interface SessionOptions {
  /** How long the engine may take to answer. */
  readonly timeoutMs?: number;
  readonly stop?: AbortSignal;
}

const ENGINE_TIMEOUT_MS = 20_000;

/** Throws what `explainError` has words for when the engine cannot be reached; an interruption ends with 130. */
export async function openSession(
  options: CommonOptions,
  { timeoutMs = ENGINE_TIMEOUT_MS, stop = stopSignal() }: SessionOptions = {},
): Promise<Session> {
  const startedAtMs = performance.now();
  const engine = connectEngine(process.env);
  const patience = orAfter(stop, timeoutMs);
  const info = await unlessAborted(engine.info(), patience);
  if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
  if (info === undefined)
    throw new CommandError(
      `the container engine accepts connections but did not answer within ${String(timeoutMs / 1000)} s: look at its log (journalctl -u docker)`,
    );
  return { options, paths: stackPaths(options), engine, info, stop, startedAtMs };
}
