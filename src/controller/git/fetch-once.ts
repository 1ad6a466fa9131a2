/** Fetches what a ref points to, once: what was fetched, or was too much, is not fetched again before the ref moves. */
import { tooLarge } from './growth-guard.js';
import type { Mirror } from './mirror.js';
import { identityOf, type Target } from './remote-refs.js';
import { SourceError } from './source-error.js';

export class FetchOnce {
  readonly #mirror: Mirror;
  readonly #maxBytes: number;
  #tooLarge: string | undefined;
  #fetched: { readonly identity: string; readonly rev: string } | undefined;

  constructor(mirror: Mirror, maxBytes: number) {
    this.#mirror = mirror;
    this.#maxBytes = maxBytes;
  }

  /** A name of it in the mirror; throws `SourceError` or what git said. */
  async fetch(target: Target, signal: AbortSignal): Promise<string> {
    const identity = identityOf(target);
    if (this.#tooLarge === identity) throw tooLarge(this.#maxBytes);
    if (this.#fetched?.identity === identity) return this.#fetched.rev;
    this.#fetched = { identity, rev: await this.#fetchAnew(target, signal) };
    return this.#fetched.rev;
  }

  /** Fetches everything anew, into a new mirror. */
  async renew(signal: AbortSignal): Promise<void> {
    this.#fetched = undefined;
    await this.#mirror.renew(signal);
  }

  /** A mirror that is full of too much is made anew. */
  async #fetchAnew(target: Target, signal: AbortSignal): Promise<string> {
    try {
      return await this.#mirror.fetch(target, signal);
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'TooLarge') throw error;
      this.#tooLarge = identityOf(target);
      await this.#mirror.renew(signal);
      throw error;
    }
  }
}
