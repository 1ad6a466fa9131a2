/** Reads the code of a system error; decisions are made by code, never by message. */

/** `ENOENT`, `ENOSPC`, …; `UNKNOWN` for what is not a system error. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
