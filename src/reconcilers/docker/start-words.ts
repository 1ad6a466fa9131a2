/** Why a container did not start, without the names of all who passed the error on. */

const FRAMES =
  /^(?:(?:failed to create (?:task for container|shim task)|OCI runtime create failed|runc create failed|unable to start container process|error during container init): )+/;
const NO_MORE_IS_KNOWN = /: unknown$/;

export function startWords(error: string): string {
  return error.replace(FRAMES, '').replace(NO_MORE_IS_KNOWN, '');
}
