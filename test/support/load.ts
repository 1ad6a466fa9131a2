/** Clients that never stop asking: each keeps one connection, GETs or POSTs, and remembers every request that failed. Some idle for seconds between two requests: their connections are what a reload cuts. */
import { setMaxListeners } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadOptions {
  readonly gets?: number;
  readonly posts?: number;
  /** GETs that pause for a second, for two, and so on. */
  readonly idle?: number;
  /** Of the other clients, between an answer and the next request. */
  readonly pauseMs?: number;
}

type Method = 'GET' | 'POST';

const PAUSE_MS = 5;
/** A connection that idles is kept by nginx for five seconds at least: `keepalive_min_timeout`. */
const IDLE_MS = 1000;
const TIMEOUT_MS = 15_000;
const BODY = JSON.stringify({ filler: 'x'.repeat(512) });
/** The errors that our nginx answers with itself: test/unit/proxy knows them. */
const OWN_ERROR = /^\{"error":"[^"]*","code":\d+,"service":"/;

export class Load {
  /** What failed and when, first to last. */
  readonly failures: string[] = [];
  /** Answers by version, as the workload names itself. */
  readonly versions = new Map<string, number>();
  answered = 0;
  private readonly stopping = new AbortController();
  private readonly clients: readonly Promise<void>[];

  constructor(
    private readonly url: string,
    { gets = 6, posts = 2, idle = 3, pauseMs = PAUSE_MS }: LoadOptions = {},
  ) {
    setMaxListeners(0, this.stopping.signal);
    this.clients = [
      ...Array.from({ length: gets }, () => this.client('GET', pauseMs)),
      ...Array.from({ length: posts }, () => this.client('POST', pauseMs)),
      ...Array.from({ length: idle }, (_, index) => this.client('GET', IDLE_MS * (index + 1))),
    ];
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.clients);
  }

  private async client(method: Method, pauseMs: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const failure = await this.ask(agent, method);
      if (failure === undefined) this.answered += 1;
      else this.failures.push(`${new Date().toISOString()} ${method} ${failure}`);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    agent.destroy();
  }

  /** Resolves with what went wrong, if anything did. */
  private ask(agent: Agent, method: Method): Promise<string | undefined> {
    return new Promise((resolve) => {
      const body = method === 'POST' ? BODY : '';
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      const asked = request(this.url, { agent, method, headers, timeout: TIMEOUT_MS }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('error', (error) => resolve(`cut off: ${error.message}`));
        answer.on('end', () => resolve(this.judge(method, answer.statusCode ?? 0, text)));
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.on('error', (error) => resolve(error.message));
      asked.end(body);
    });
  }

  private judge(method: Method, status: number, text: string): string | undefined {
    if (!isGood(method, status, text)) return `${String(status)} ${text}`;
    const version = /"version":"([^"]*)"/.exec(text)?.[1];
    if (version !== undefined) this.versions.set(version, (this.versions.get(version) ?? 0) + 1);
    return undefined;
  }
}

/** An application may refuse a POST, as the workload does at `/`; a proxy that has no route for one answers 404 as well. */
function isGood(method: Method, status: number, text: string): boolean {
  return method === 'GET' ? status === 200 : status < 500 && !OWN_ERROR.test(text);
}
