/** Finds the Docker engine and makes sure that it answers; starts or installs one where this machine allows it. */
import { loadDocker, type Docker } from '../reconcilers/docker/dockerode.js';
import { StageError } from '../../scripts/stage.mjs';
import {
  engineOptions,
  EngineAddressError,
  resolveEngineAddress,
  type EngineAddress,
} from '../reconcilers/docker/engine-address.js';

const PING_TIMEOUT_MS = 5_000;

/** dockerode's ping takes a signal, its types do not know it. */
interface AbortablePing {
  ping(options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

/** The address by the docker CLI's rules, as this process's environment says; throws a StageError with the cure. */
export function locateEngine(): EngineAddress {
  try {
    return resolveEngineAddress(process.env);
  } catch (error) {
    if (error instanceof EngineAddressError) throw new StageError(error.message, error.cure);
    throw error;
  }
}

/** Resolves with the address of an engine that answers; rejects with a StageError when none does. */
export async function findEngine(): Promise<EngineAddress> {
  const address = locateEngine();
  const silence = await pingEngine(address);
  if (silence === undefined) return address;
  throw new StageError(`no engine answers at ${address.describe} (${silence})`, cureFor(address, silence));
}

/** A client for the engine. */
export function engineClient(address: EngineAddress): Docker {
  const Client = loadDocker();
  return new Client(engineOptions(address));
}

/** Resolves with undefined when the engine answers, else with the reason in words. */
export async function pingEngine(
  address: EngineAddress,
  limitMs = PING_TIMEOUT_MS,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    await (engineClient(address) as unknown as AbortablePing).ping({ abortSignal: signal });
    return undefined;
  } catch (error) {
    return signal.aborted ? `no answer within ${limitMs / 1_000} s` : reasonOf(error);
  }
}

/** The version of the engine, for the stage's line. */
export async function engineVersion(address: EngineAddress): Promise<string> {
  return (await engineClient(address).version()).Version;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function cureFor(address: EngineAddress, silence: string): string {
  if (silence === 'EACCES')
    return 'add yourself to the docker group ("sudo usermod -aG docker $USER", then log in again)';
  if (address.source === 'DOCKER_HOST') return 'start that engine, or unset DOCKER_HOST to use the local one';
  if (address.source === 'context') return 'start that engine, or choose another with "docker context use"';
  if (process.platform === 'darwin') return 'start Docker Desktop (or colima, OrbStack) and run this again';
  return 'install Docker (https://docs.docker.com/engine/install/) and start it, then run this again';
}
