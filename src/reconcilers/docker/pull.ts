/** One image pull with the user's registry credentials; it ends with the image on the engine or with `ImageUnavailable`. */
import type Docker from 'dockerode';
import { ImageUnavailable, reasonOf } from './engine-errors.js';
import { PullProgress, type PullEvent } from './pull-progress.js';
import { registryAuth } from './registry-auth.js';

export interface PullOptions {
  readonly signal?: AbortSignal;
  /** Told how far it is, in words. */
  readonly onProgress?: (words: string) => void;
  /** A pull in which nothing moves for this long has failed; milliseconds. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 20_000;

export async function pullImage(docker: Docker, reference: string, options: PullOptions = {}): Promise<void> {
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  const silence = new AbortController();
  const watchdog = setTimeout(() => silence.abort(), silenceMs);
  const signals = [silence.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const progress = new PullProgress();
  try {
    const auth = await registryAuth(reference, process.env);
    const authconfig = auth === undefined ? {} : { authconfig: auth };
    const stream = await docker.pull(withTag(reference), {
      ...authconfig,
      abortSignal: AbortSignal.any(signals),
    });
    await follow(docker, stream, (event) => {
      watchdog.refresh();
      options.onProgress?.(progress.add(event));
    });
  } catch (error) {
    const why = silence.signal.aborted ? `nothing came for ${String(silenceMs / 1000)} s` : reasonOf(error);
    throw new ImageUnavailable(reference, why, { cause: error });
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
