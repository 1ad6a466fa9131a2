/** One bounded HTTP GET on a fresh connection, answered or not; it never throws and follows nothing. */
import { request } from 'node:http';

export interface GetTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export type GetResult =
  | {
      readonly answered: true;
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    }
  /** `code` is the socket's error code, or TIMEOUT. */
  | { readonly answered: false; readonly code: string };

const BODY_LIMIT = 1024 * 1024;

export function httpGet(target: GetTarget): Promise<GetResult> {
  return new Promise((resolve) => {
    const { timeoutMs, ...where } = target;
    const call = request({ ...where, agent: false, method: 'GET' });
    const deadline = setTimeout(() => finish({ answered: false, code: 'TIMEOUT' }), timeoutMs);
    const finish = (result: GetResult) => {
      clearTimeout(deadline);
      call.destroy();
      resolve(result);
    };
    call.once('error', (error: NodeJS.ErrnoException) =>
      finish({ answered: false, code: error.code ?? 'ERROR' }),
    );
    call.once('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > BODY_LIMIT) finish({ answered: false, code: 'TOO_LARGE' });
      });
      answer.once('error', (error: NodeJS.ErrnoException) =>
        finish({ answered: false, code: error.code ?? 'ERROR' }),
      );
      answer.once('end', () =>
        finish({ answered: true, status: answer.statusCode ?? 0, headers: answer.headers, body }),
      );
    });
    call.end();
  });
}
