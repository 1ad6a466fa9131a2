/** Asks one OPA one question. Whatever OPA does, an answer comes back within the deadline, and silence is a denial. */
import { Agent } from 'node:http';
import { failedAnswer, type Answer, type OpaFailure } from './answer.js';
import { errorCode } from './error-code.js';
import { exchange } from './opa-exchange.js';
import { readAnswer, type Asked, type Believed } from './read-answer.js';
import { nonFiniteField } from './unsendable.js';

export interface OpaClientOptions {
  /** Root of OPA's API, as `http://127.0.0.1:8181`; plain HTTP only. */
  readonly url: string;
  readonly token: string;
  /** For connect, headers and body together; 2000 when left out. */
  readonly timeoutMs?: number;
  /** The only policy revision whose answers count; any when left out. */
  readonly expectedRevision?: string;
}

/** Facts about one question; unknown facts are absent. */
export interface QuestionInput {
  readonly question: string;
  readonly [fact: string]: unknown;
}

const DEFAULT_TIMEOUT_MS = 2000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** A keep-alive client for the decisions of one OPA at one revision. */
export class OpaClient {
  readonly #options: OpaClientOptions;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: OpaClientOptions) {
    this.#options = options;
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Asks `swiftdeploy.<domain>.decision`; never throws, and a failure is a denial with a `code`. */
  async ask(domain: string, input: QuestionInput, signal?: AbortSignal): Promise<Answer> {
    const startedAt = performance.now();
    const asked = { domain, question: input.question, expectedRevision: this.#options.expectedRevision };
    const outcome = await this.#outcome(asked, input, signal).catch(unexpected);
    const durationMs = performance.now() - startedAt;
    return 'detail' in outcome ? failedAnswer(asked, outcome, durationMs) : { ...outcome, durationMs };
  }

  /** Closes the idle connections; the client may still be used. */
  close(): void {
    this.#agent.destroy();
  }

  async #outcome(asked: Asked, input: QuestionInput, signal?: AbortSignal): Promise<Believed | OpaFailure> {
    const question = encode(input);
    if ('code' in question) return question;
    const deadline = new AbortController();
    const abort = () => deadline.abort();
    const timer = setTimeout(abort, this.#timeoutMs);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    try {
      return await this.#exchange(asked, question.body, deadline.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #exchange(asked: Asked, body: string, signal: AbortSignal): Promise<Believed | OpaFailure> {
    const url = decisionUrl(this.#options.url, asked.domain);
    const headers = {
      authorization: `Bearer ${this.#options.token}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    };
    const result = await exchange({ url, headers, body, maxBytes: MAX_ANSWER_BYTES }, this.#agent, signal);
    if (!('kind' in result)) return readAnswer(result, asked);
    if (result.kind === 'too-large') return { code: 'OPA_TOO_LARGE', detail: result.detail };
    if (signal.aborted)
      return {
        code: 'OPA_TIMEOUT',
        detail: `no whole answer from ${url.origin} within ${this.#timeoutMs} ms`,
      };
    return { code: 'OPA_UNREACHABLE', detail: `${url.origin}, ${result.detail}` };
  }
}

function decisionUrl(root: string, domain: string): URL {
  const path = `/v1/data/swiftdeploy/${encodeURIComponent(domain)}/decision`;
  return new URL(`${path}?provenance=true&metrics=true`, root);
}

function encode(input: QuestionInput): { readonly body: string } | OpaFailure {
  const body = stringify({ input });
  if (body === undefined) return { code: 'OPA_BAD_REQUEST', detail: 'the facts cannot be written as JSON' };
  const field = nonFiniteField(input);
  if (field === undefined) return { body };
  return { code: 'OPA_BAD_REQUEST', detail: `the fact ${field} is not a finite number` };
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** An address or a token that node:http refuses outright. */
function unexpected(cause: unknown): OpaFailure {
  return { code: 'OPA_BAD_REQUEST', detail: errorCode(cause) ?? 'the address or the token is not usable' };
}
