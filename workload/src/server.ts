/**
 * The HTTP server around the routes: headers, metrics, and a stop that loses no request. Every answer of a canary
 * carries X-Mode, those to unreadable requests too.
 */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { NO_CHAOS } from './chaos.js';
import type { Config } from './config.js';
import { createMetrics } from './metrics.js';
import { answerRequest, pathLabel, type Answer, type AppState } from './routes.js';

/** Longer than a proxy keeps idle connections: so the proxy closes them, and never sends into one that we just closed. */
const KEEP_ALIVE_MS = 75_000;

/** nginx's word for a client that left before its answer. */
const CLIENT_CLOSED_REQUEST = 499;

/** A running workload. */
export interface App {
  readonly port: number;
  /** Stops accepting, finishes what is in flight, resolves when the last connection is closed. */
  readonly drain: () => Promise<void>;
}

/** Starts serving; resolves when the port is open. */
export async function startApp(config: Config): Promise<App> {
  const state = createState(config);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const serve = (request: IncomingMessage, response: ServerResponse) =>
    void serveRequest(state, server, request, response);
  server.on('request', serve);
  server.on('checkContinue', serve);
  server.on('clientError', (error, socket) => refuseUnreadable(config, error, socket as Socket));
  await listen(server, config.port);
  return { port: (server.address() as AddressInfo).port, drain: () => drain(server) };
}

function createState(config: Config): AppState {
  const startedMs = performance.now();
  const uptimeSeconds = () => (performance.now() - startedMs) / 1_000;
  const metrics = createMetrics({ mode: config.mode, uptimeSeconds, chaos: () => state.chaos });
  const state: AppState = { config, metrics, uptimeSeconds, chaos: NO_CHAOS };
  return state;
}

async function serveRequest(
  state: AppState,
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '/';
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  record(state, request, response, path);
  if (state.config.mode === 'canary') response.setHeader('X-Mode', 'canary');
  try {
    const answer = await answerRequest(state, { request, response, path, signal: gone.signal });
    send(response, answer, !server.listening);
  } catch (error) {
    if (!gone.signal.aborted) send(response, internalError(error), true);
  }
}

function record(state: AppState, request: IncomingMessage, response: ServerResponse, path: string): void {
  const startedMs = performance.now();
  response.once('close', () => {
    state.metrics.observe({
      method: request.method ?? 'GET',
      path: pathLabel(path),
      statusCode: response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST,
      seconds: (performance.now() - startedMs) / 1_000,
    });
  });
}

function send(response: ServerResponse, answer: Answer, closing: boolean): void {
  const text = answer.contentType === undefined ? JSON.stringify(answer.body) : String(answer.body);
  response.writeHead(answer.statusCode, {
    'Content-Type': answer.contentType ?? 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...answer.headers,
    // Said before the connection is closed: a client with keep-alive does not send its next request into it.
    ...(closing ? { Connection: 'close' } : {}),
  });
  response.end(text);
}

function internalError(error: unknown): Answer {
  process.stderr.write(`request failed: ${String(error)}\n`);
  return { statusCode: 500, body: { error: 'internal error' } };
}

function refuseUnreadable(config: Config, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const statusCode = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify({ error: 'the request could not be read' });
  const head = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(config.mode === 'canary' ? ['X-Mode: canary'] : []),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // An answer whose head was sent before this moment could not say `Connection: close`: its connection is closed once idle.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
  });
}
