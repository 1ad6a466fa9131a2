/** One image pull with the user's registry credentials; it ends with the image on the engine or with `ImageUnavailable`. */
import type Docker from 'dockerode';
import { ImageUnavailable, reasonOf } from './engine-errors.js';
import { PullProgress, type PullEvent } from './pull-progress.js';
import { registryAuth, withTrouble, type FoundAuth, type RegistryAuth } from './registry-auth.js';

export interface PullOptions {
  readonly signal?: AbortSignal;
  /** Told how far it is, in words. */
  readonly onProgress?: (words: string) => void;
  /** A pull in which nothing moves for this long has failed; so has a credential helper. Milliseconds. */
  readonly silenceMs?: number;
  /** Where the user's credentials are found; this process's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
}

const SILENCE_MS = 20_000;

export async function pullImage(docker: Docker, reference: string, options: PullOptions = {}): Promise<void> {
  const { silenceMs: limitMs = SILENCE_MS, env = process.env, signal, onProgress } = options;
  let found: FoundAuth = {};
  try {
    found = await registryAuth(reference, { env, limitMs, signal });
    if (found.trouble !== undefined) onProgress?.(`(${found.trouble})`);
    await pullWith(docker, reference, found.auth, { ...options, silenceMs: limitMs });
  } catch (error) {
    throw new ImageUnavailable(reference, withTrouble(reasonOf(error), found), { cause: error });
  }
}

async function pullWith(
  docker: Docker,
  reference: string,
  authconfig: RegistryAuth | undefined,
  { signal, silenceMs, onProgress }: PullOptions & { readonly silenceMs: number },
): Promise<void> {
  const silence = new AbortController();
  const watchdog = setTimeout(() => silence.abort(), silenceMs);
  const abortSignal = AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]);
  const progress = new PullProgress();
  try {
    const auth = authconfig === undefined ? {} : { authconfig };
    const stream = await docker.pull(withTag(reference), { ...auth, abortSignal });
    await follow(docker, stream, (event) => {
      watchdog.refresh();
      onProgress?.(progress.add(event));
    });
  } catch (error) {
    if (!silence.signal.aborted) throw error;
    throw new Error(`nothing came for ${String(silenceMs / 1000)} s`, { cause: error });
  } finally {
    clearTimeout(watchdog);
  }
}

/** Without a tag the Engine API pulls every tag of a repository. */
function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? reference : `${reference}:latest`;
}

function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent: (event: PullEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()), onEvent);
  });
}
