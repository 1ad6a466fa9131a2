/**
 * One POST over HTTP with a size cap, under one signal for connect, headers and body. Follows no redirect, uses no proxy.
 * Says how it failed in a value; never throws for what the other side does.
 */
import { request, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { errorCode } from './error-code.js';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly maxBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** `stale`: a kept-alive connection had been closed before the question arrived, so asking again is harmless. */
export type ExchangeFailure =
  | { readonly kind: 'unreachable'; readonly detail: string; readonly stale: boolean }
  | { readonly kind: 'too-large'; readonly detail: string };

export type ExchangeResult = HttpAnswer | ExchangeFailure;

/** Sends one POST; a connection that was kept alive and found closed is replaced once by a fresh one. */
export async function exchange(post: Post, agent: Agent, signal: AbortSignal): Promise<ExchangeResult> {
  const first = await attempt(post, agent, signal);
  const stale = 'kind' in first && first.kind === 'unreachable' && first.stale;
  return stale ? attempt(post, false, signal) : first;
}

function attempt(post: Post, agent: Agent | false, signal: AbortSignal): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const { url, headers } = post;
    const sent = request(url, { method: 'POST', agent, headers, signal }, (response) => {
      void readAnswer(response, post.maxBytes).then(resolve);
    });
    sent.on('error', (cause) => resolve(broken(cause, isStale(sent, cause))));
    sent.end(post.body);
  });
}

function isStale(sent: ClientRequest, cause: unknown): boolean {
  const code = errorCode(cause);
  return sent.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<ExchangeResult> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // Leaving the loop destroys the response, and with it the connection.
      if (bytes > maxBytes) return { kind: 'too-large', detail: `more than ${maxBytes} bytes` };
      chunks.push(chunk);
    }
  } catch (cause) {
    return { ...broken(cause, false), detail: 'the connection broke in the middle of the answer' };
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
}

function broken(cause: unknown, stale: boolean): ExchangeFailure & { kind: 'unreachable' } {
  return { kind: 'unreachable', detail: errorCode(cause) ?? String(cause), stale };
}
