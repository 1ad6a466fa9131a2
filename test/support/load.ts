/** Clients that never stop asking: each keeps one connection, GETs and POSTs, and remembers every request that failed. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadOptions {
  readonly gets?: number;
  readonly posts?: number;
}

const PAUSE_MS = 5;
const TIMEOUT_MS = 15_000;
const BODY = JSON.stringify({ filler: 'x'.repeat(512) });

export class Load {
  /** What failed and when, first to last. */
  readonly failures: string[] = [];
  /** Answers by version, as the workload names itself. */
  readonly versions = new Map<string, number>();
  answered = 0;
  private running = true;
  private readonly clients: readonly Promise<void>[];

  constructor(
    private readonly url: string,
    { gets = 6, posts = 2 }: LoadOptions = {},
  ) {
    this.clients = [
      ...Array.from({ length: gets }, () => this.client('GET')),
      ...Array.from({ length: posts }, () => this.client('POST')),
    ];
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.clients);
  }

  private async client(method: 'GET' | 'POST'): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.running) {
      const failure = await this.ask(agent, method);
      if (failure === undefined) this.answered += 1;
      else this.failures.push(`${new Date().toISOString()} ${method} ${failure}`);
      await sleep(PAUSE_MS);
    }
    agent.destroy();
  }

  /** Resolves with what went wrong, if anything did. */
  private ask(agent: Agent, method: 'GET' | 'POST'): Promise<string | undefined> {
    return new Promise((resolve) => {
      const body = method === 'POST' ? BODY : '';
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      const asked = request(this.url, { agent, method, headers, timeout: TIMEOUT_MS }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('error', (error) => resolve(`cut off: ${error.message}`));
        answer.on('end', () => resolve(this.judge(answer.statusCode ?? 0, text)));
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.on('error', (error) => resolve(error.message));
      asked.end(body);
    });
  }

  private judge(status: number, text: string): string | undefined {
    if (status >= 500) return `${String(status)} ${text}`;
    const version = /"version":"([^"]*)"/.exec(text)?.[1];
    if (version !== undefined) this.versions.set(version, (this.versions.get(version) ?? 0) + 1);
    return undefined;
  }
}
