/**
 * Serves `/metrics`, `/healthz` and `/readyz`: what there is to read, and nothing to write but, where asked for, `/hooks/git`.
 * A listener that cannot listen is a problem to report; it must never stop the controller.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCode } from './error-code.js';

/** `listen` when nothing else is said. */
export const DEFAULT_LISTEN = '127.0.0.1:9464';

/** A controller that misses this many resyncs in a row is not alive. */
const RESYNCS_MISSED = 3;

export interface HttpListenerOptions {
  /** `HOST:PORT`, `[IPv6]:PORT`, `:PORT` (127.0.0.1) or `off`; port 0 picks a free one. */
  readonly listen: string;
  readonly registry: { readonly contentType: string; metrics(): Promise<string> };
  /** The controller: milliseconds since a tick last ended, undefined before the first. */
  readonly ticks: { msSinceLastTick(): number | undefined };
  readonly resyncMs: number;
  /** Takes `POST /hooks/git`; without it there is no such place. */
  readonly hooks?: HookHandler;
}

export interface HookHandler {
  /** Answers requests of any method. */
  handle(request: IncomingMessage): Promise<{ readonly status: number; readonly body: string }>;
}

export type HttpListener =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number; close(): Promise<void> }
  | { readonly kind: 'off' }
  | { readonly kind: 'problem'; readonly code: string; readonly message: string };

/** Starts to listen; a taken port or a malformed address comes back as a `problem`. Never rejects. */
export async function startHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  if (options.listen === 'off') return { kind: 'off' };
  const address = parseListen(options.listen);
  if (address === undefined) {
    const message = `--listen must be HOST:PORT or off (got ${options.listen})`;
    return { kind: 'problem', code: 'EINVAL', message };
  }
  const server = createServer(handler(options));
  server.unref();
  return listen(server, address);
}

/** Whether somebody could listen there; `off` too. */
export function isListenAddress(listen: string): boolean {
  return listen === 'off' || parseListen(listen) !== undefined;
}

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

function parseListen(listen: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(listen);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<HttpListener> {
  return new Promise((resolve) => {
    server.once('error', (error) => {
      const code = errorCode(error);
      resolve({ kind: 'problem', code, message: `cannot listen on ${host}:${port} (${code})` });
    });
    server.listen(port, host, () => {
      // A failed accept costs one answer, not the controller.
      server.on('error', (error) => process.emitWarning(error));
      const bound = server.address() as AddressInfo;
      resolve({ kind: 'listening', host: bound.address, port: bound.port, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  /** The methods of a place, where another one was used. */
  readonly allow?: string;
}

const NOT_FOUND: Answer = { status: 404, body: 'not found: try /metrics, /healthz or /readyz\n' };

function handler(options: HttpListenerOptions) {
  const startedAtMs = performance.now();
  return (request: IncomingMessage, response: ServerResponse): void => {
    void answer(request, options, startedAtMs).then(({ status, body, type, allow }) => {
      const more = allow === undefined ? {} : { allow };
      response.writeHead(status, { 'content-type': type ?? 'text/plain; charset=utf-8', ...more });
      response.end(body);
    });
  };
}

async function answer(
  request: IncomingMessage,
  options: HttpListenerOptions,
  startedAtMs: number,
): Promise<Answer> {
  const place = request.url?.split('?')[0] ?? '/';
  if (place === '/hooks/git') return hookAnswer(request, options.hooks);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, body: 'method not allowed\n' };
  const sinceTickMs = options.ticks.msSinceLastTick();
  switch (place) {
    case '/metrics':
      return metricsAnswer(options.registry);
    case '/healthz':
      return healthAnswer(sinceTickMs ?? performance.now() - startedAtMs, options.resyncMs);
    case '/readyz':
      return sinceTickMs === undefined
        ? { status: 503, body: 'the first tick has not ended yet\n' }
        : { status: 200, body: 'ok\n' };
    default:
      return NOT_FOUND;
  }
}

async function hookAnswer(request: IncomingMessage, hooks: HookHandler | undefined): Promise<Answer> {
  if (hooks === undefined) return NOT_FOUND;
  try {
    const answer = await hooks.handle(request);
    return answer.status === 405 ? { ...answer, allow: 'POST' } : answer;
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error('a hook failed', { cause: error }));
    return { status: 500, body: 'internal error\n' };
  }
}

async function metricsAnswer(registry: HttpListenerOptions['registry']): Promise<Answer> {
  try {
    return { status: 200, body: await registry.metrics(), type: registry.contentType };
  } catch (error) {
    return { status: 500, body: `metrics cannot be collected (${errorCode(error)})\n` };
  }
}

function healthAnswer(quietMs: number, resyncMs: number): Answer {
  const limitMs = RESYNCS_MISSED * resyncMs;
  if (quietMs < limitMs) return { status: 200, body: 'ok\n' };
  return { status: 503, body: `no tick for ${Math.round(quietMs)} ms (limit ${limitMs} ms)\n` };
}
