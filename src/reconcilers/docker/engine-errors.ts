/** What the Engine refuses, in words that the planner and a person can act on; decided by status code, never by message. */

export class EngineUnreachable extends Error {
  override readonly name = 'EngineUnreachable';
}

/** Something that is not ours has the name or the port that we need; it is reported and never touched. */
export class ForeignClaim extends Error {
  override readonly name = 'ForeignClaim';
  constructor(
    readonly what: 'container' | 'network' | 'volume' | 'port',
    readonly claimed: string,
    message: string,
  ) {
    super(message);
  }
}

/** The engine will not make a container like this one: what asks for it has to change, or the machine; trying again changes nothing. */
export class CreationRefused extends Error {
  override readonly name = 'CreationRefused';
}

export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';

  constructor(
    reference: string,
    /** What the registry, or the lack of one, said. */
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`image ${reference} cannot be pulled: ${why}`, options);
  }
}

/** The HTTP status of an Engine API error, if it is one (dockerode puts it on the error). */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The Engine's own words where it refused, without dockerode's frame around them; else the error's. */
export function reasonOf(error: unknown): string {
  const reason = (error as { readonly json?: { readonly message?: string } } | null)?.json?.message;
  return reason ?? (error instanceof Error ? error.message : String(error));
}

/** Runs an Engine call and takes the given status codes for "already so". */
export async function already(codes: readonly number[], call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || !codes.includes(status)) throw error;
  }
}

/** Runs an Engine read and takes 404 for "not there". */
export async function orAbsent<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
  'EACCES',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ENOTFOUND',
]);

/** Turns a socket error of the client into `EngineUnreachable`; leaves everything else as it is. */
export function asEngineError(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && SOCKET_ERRORS.has(String(error.code))) {
    return new EngineUnreachable(`the container engine does not answer (${String(error.code)})`, {
      cause: error,
    });
  }
  return error;
}
