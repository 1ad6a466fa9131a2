/** The engine for commands that still have something to say without one: open, or closed with the reason. */
import { resolveEngineAddress, type EngineAddress } from '../../reconcilers/docker/engine-address.js';
import type { Engine, EngineInfo } from '../../reconcilers/docker/engine.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { engineTrouble, explainError } from '../basics/error-words.js';
import type { CommonOptions } from '../basics/paths.js';
import { openSession } from '../basics/session.js';
import { fail, NO_ENGINE, ok, type Check, type Finding } from './finding.js';

export interface OpenEngine {
  readonly kind: 'open';
  readonly engine: Engine;
  readonly info: EngineInfo;
  /** As people write its address. */
  readonly address: string;
  /** It runs on this machine: its ports, paths and disk are ours to look at. */
  readonly isLocal: boolean;
  /** When `info` was asked for and when it came; epoch milliseconds on our clock. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

export type EngineAccess = OpenEngine | { readonly kind: 'closed'; readonly why: Finding };

const ENGINE_TIMEOUT_MS = 10_000;

/** Throws only when it was interrupted. */
export async function openEngine(options: CommonOptions, stop: AbortSignal): Promise<EngineAccess> {
  const askedAt = Date.now();
  try {
    const { engine, info } = await openSession(options, { timeoutMs: ENGINE_TIMEOUT_MS, stop });
    const answeredAt = Date.now();
    const address = resolveEngineAddress(process.env);
    const where = { address: address.describe, isLocal: isLocal(address) };
    return { kind: 'open', engine, info, ...where, askedAt, answeredAt };
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EXIT.interrupted) throw error;
    const trouble = engineTrouble(error);
    const why = trouble?.found ?? explainError(error).text ?? 'the engine does not answer';
    return { kind: 'closed', why: fail(why, trouble?.cure) };
  }
}

function isLocal(address: EngineAddress): boolean {
  return 'socketPath' in address || ['127.0.0.1', '::1', 'localhost'].includes(address.host);
}

/** A look that needs the engine. */
export function withEngine(
  access: EngineAccess,
  look: (open: OpenEngine, signal: AbortSignal) => Finding | Promise<Finding>,
): Check['look'] {
  return (signal) => (access.kind === 'open' ? look(access, signal) : NO_ENGINE);
}

/** The oldest that can change a container's process limit in place. */
const OLDEST_API = [1, 40] as const;

export function engineCheck(access: EngineAccess): Check {
  return { name: 'engine', look: () => (access.kind === 'open' ? judgeEngine(access) : access.why) };
}

export function judgeEngine({ info, address }: Pick<OpenEngine, 'info' | 'address'>): Finding {
  const found = `engine ${info.version}, API ${info.apiVersion}, at ${address}`;
  const [major = 0, minor = 0] = info.apiVersion.split('.').map(Number);
  const isNewEnough = major > OLDEST_API[0] || (major === OLDEST_API[0] && minor >= OLDEST_API[1]);
  if (isNewEnough) return ok(found);
  return fail(`${found}: API ${OLDEST_API.join('.')} is needed`, 'upgrade it to Docker 20.10 or newer');
}
