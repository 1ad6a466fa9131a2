/** A small HTTP client for the workload's tests that shows what fetch hides: headers as sent, keep-alive, raw bytes. */
import type { Agent } from 'node:http';
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface Reply {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: () => unknown;
}

export interface Ask {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly agent?: Agent;
}

export function ask(port: number, path: string, options: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body, headers, agent } = options;
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      ...(headers && { headers }),
      ...(agent && { agent }),
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.once('end', () => {
        resolve({
          statusCode: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          json: () => JSON.parse(text) as unknown,
        });
      });
    });
    outgoing.end(body);
  });
}

export function post(port: number, path: string, body: unknown): Promise<Reply> {
  return ask(port, path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** Sends bytes and resolves with what comes back until the other side closes, or until `until` is in it. */
export function exchange(port: number, bytes: string, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
      if (until !== undefined && received.includes(until)) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(received));
  });
}

/** The value of one sample in Prometheus' text; undefined when it is not there. */
export function sample(metrics: string, name: string): number | undefined {
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
