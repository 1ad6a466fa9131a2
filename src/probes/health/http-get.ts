/** One bounded HTTP GET, answered or not; it never throws and follows nothing. */
import { request, type Agent } from 'node:http';

export interface GetTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Whose connections are used again; absent: a fresh one, closed after the answer. */
  readonly agent?: Agent;
}

export type GetResult =
  | {
      readonly answered: true;
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      /** No more than 1 MiB of it. */
      readonly body: string;
      readonly isCut?: true;
    }
  /** `code` is the socket's error code, or TIMEOUT. */
  | { readonly answered: false; readonly code: string };

/** A deadline that is looked at so much later says that this process was not let run, and nothing of the other side: it gets it once more. */
const LATE_MS = 100;
const BODY_LIMIT = 1024 * 1024;

/** Until a question of `timeoutMs` is given up at the latest, in milliseconds, and some more for what a late look is late. */
export function givenUpAfterMs(timeoutMs: number): number {
  return 2 * timeoutMs + 5 * LATE_MS;
}

export async function httpGet({ agent, ...target }: GetTarget): Promise<GetResult> {
  return (await exchange(target, agent ?? false)) ?? httpGet(target);
}

/** Undefined: the other side closed an idle connection at the moment that it was used again, and nobody heard the question. */
function exchange(
  { timeoutMs, ...where }: Omit<GetTarget, 'agent'>,
  agent: Agent | false,
): Promise<GetResult | undefined> {
  return new Promise((resolve) => {
    const call = request({ ...where, agent, method: 'GET' });
    const finish = (result: GetResult | undefined) => {
      clearTimeout(deadline);
      resolve(result);
    };
    const giveUp = (code = 'ERROR') => {
      finish({ answered: false, code });
      call.destroy();
    };
    let deadline = setTimeout(expire, timeoutMs);
    const dueMs = performance.now() + timeoutMs;
    function expire(): void {
      const isOurs = performance.now() - dueMs > LATE_MS;
      if (isOurs) deadline = setTimeout(giveUp, timeoutMs, 'TIMEOUT');
      else giveUp('TIMEOUT');
    }
    call.once('error', ({ code }: NodeJS.ErrnoException) =>
      call.reusedSocket && CLOSED.has(code) ? finish(undefined) : giveUp(code),
    );
    call.once('response', (answer) => {
      let body = '';
      const { statusCode: status = 0, headers } = answer;
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body += chunk;
        if (body.length <= BODY_LIMIT) return;
        finish({ answered: true, status, headers, body, isCut: true });
        call.destroy();
      });
      answer.once('error', ({ code }: NodeJS.ErrnoException) => giveUp(code));
      answer.once('end', () => finish({ answered: true, status, headers, body }));
    });
    call.end();
  });
}

const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);
