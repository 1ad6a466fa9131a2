/** What each path answers. Knows requests and answers as values; sockets and headers are the server's business. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson } from './body.js';
import { parseChaosCommand, sufferChaos, type ChaosState } from './chaos.js';
import type { Config } from './config.js';
import type { Metrics } from './metrics.js';

export interface Answer {
  readonly statusCode: number;
  /** Sent as JSON unless `contentType` says otherwise. */
  readonly body: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the routes read and change. */
export interface AppState {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly uptimeSeconds: () => number;
  chaos: ChaosState;
}

/** One request on its way; `signal` aborts when the client is gone. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly signal: AbortSignal;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly suffersChaos: boolean;
  readonly answer: (state: AppState, exchange: Exchange) => Answer | Promise<Answer>;
}

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/', { method: 'GET', suffersChaos: true, answer: welcome }],
  ['/healthz', { method: 'GET', suffersChaos: false, answer: health }],
  ['/metrics', { method: 'GET', suffersChaos: false, answer: scrape }],
  ['/chaos', { method: 'POST', suffersChaos: false, answer: setChaos }],
]);

/** The value of the `path` label: what a client invents becomes `other`. */
export function pathLabel(path: string): string {
  return ROUTES.has(path) ? path : 'other';
}

/** Answers one request; unknown paths suffer chaos like the application's own. */
export async function answerRequest(state: AppState, exchange: Exchange): Promise<Answer> {
  const route = ROUTES.get(exchange.path);
  if (route === undefined || route.suffersChaos) {
    const fails = await sufferChaos(state.chaos, exchange.signal);
    if (fails) return { statusCode: 500, body: { error: 'chaos: this request was chosen to fail' } };
  }
  if (route === undefined) return { statusCode: 404, body: { error: 'not found', path: exchange.path } };
  if (!allows(route, exchange.request.method)) return methodNotAllowed(route);
  return route.answer(state, exchange);
}

function welcome({ config }: AppState): Answer {
  const timestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const { mode, version } = config;
  return { statusCode: 200, body: { message: 'Welcome to SwiftDeploy API', mode, version, timestamp } };
}

function health({ config, uptimeSeconds }: AppState): Answer {
  const { mode, version } = config;
  const uptime = Math.round(uptimeSeconds() * 1_000) / 1_000;
  return { statusCode: 200, body: { status: 'ok', mode, version, uptime_seconds: uptime } };
}

async function scrape({ metrics }: AppState): Promise<Answer> {
  return { statusCode: 200, body: await metrics.render(), contentType: metrics.contentType };
}

async function setChaos(state: AppState, { request, response }: Exchange): Promise<Answer> {
  if (state.config.mode !== 'canary') {
    return { statusCode: 403, body: { error: 'chaos endpoint only available in canary mode' } };
  }
  const body = await readJson(request, response);
  if (!body.ok) return { statusCode: body.statusCode, body: { error: body.error } };
  const command = parseChaosCommand(body.value);
  if (!command.valid) return { statusCode: 400, body: { error: command.error } };
  state.chaos = command.state;
  return { statusCode: 200, body: { status: 'ok', chaos: describeChaos(command.state) } };
}

function describeChaos(state: ChaosState): Record<string, unknown> {
  return state.mode === 'slow' ? { mode: 'slow', duration: state.durationSeconds } : { ...state };
}

function allows(route: Route, method: string | undefined): boolean {
  return method === route.method || (method === 'HEAD' && route.method === 'GET');
}

function methodNotAllowed({ method }: Route): Answer {
  const allow = method === 'GET' ? 'GET, HEAD' : method;
  return { statusCode: 405, body: { error: `method not allowed, use ${allow}` }, headers: { Allow: allow } };
}
