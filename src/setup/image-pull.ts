/** Pulls one image for set-up and says how it went; a registry that cannot be reached is an answer, not a failure. */
import type { Docker } from '../reconcilers/docker/dockerode.js';
import type { Report } from '../../scripts/stage.mjs';
import { ImageUnavailable } from '../reconcilers/docker/engine-errors.js';
import { pullImage as pull } from '../reconcilers/docker/pull.js';

export type PullResult = { readonly pulled: true } | { readonly pulled: false; readonly why: string };

/** Pulls `reference` with the user's credentials, reporting bytes as they come. */
export async function pullImage(
  docker: Docker,
  reference: string,
  report: Report,
  silenceMs?: number,
): Promise<PullResult> {
  const onProgress = (words: string) => report(`pulling ${reference} ${words}`);
  onProgress('');
  try {
    await pull(docker, reference, { onProgress, ...(silenceMs === undefined ? {} : { silenceMs }) });
    return { pulled: true };
  } catch (error) {
    if (error instanceof ImageUnavailable) return { pulled: false, why: error.why };
    throw error;
  }
}
