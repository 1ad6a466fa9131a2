/** The engine that the environment names, as the docker CLI would find it. */
import { loadDocker } from './dockerode.js';
import { DockerEngine } from './docker-engine.js';
import type { Engine } from './engine.js';
import { engineOptions, resolveEngineAddress, type Environment } from './engine-address.js';

/** A call on which nothing moves for this long has failed: an engine that hangs must not hang us. */
const CALL_TIMEOUT_MS = 60_000;

/** Connects to nothing yet; throws an `EngineAddressError` for an address that cannot be used. */
export function connectEngine(env: Environment): Engine {
  const options = engineOptions(resolveEngineAddress(env));
  const Client = loadDocker();
  return new DockerEngine(new Client({ ...options, timeout: CALL_TIMEOUT_MS }), new Client(options));
}
