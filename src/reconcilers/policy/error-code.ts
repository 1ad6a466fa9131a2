/** Node's error codes (`ECONNREFUSED`, `ENOENT`), which are the only part of an error that decisions may use. */

/** The `code` of a system error, or undefined for anything else. */
export function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
