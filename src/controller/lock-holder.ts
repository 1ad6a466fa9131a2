/** Who holds a stack's lock, asked over the lock's own socket. It asks only: it never takes or removes anything. */

import { createConnection } from 'node:net';
import { errorCode } from './error-code.js';

const MAX_ANSWER_BYTES = 64 * 1024;

/** Who holds a lock, in its own words. */
export interface LockHolder {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Path of the manifest. */
  readonly manifest: string;
  readonly [field: string]: unknown;
}

/** The holder; `unknown` if it holds the lock without answering (a stopped process, or a program that is not ours). */
export type HeldBy = LockHolder | 'unknown';

/** `gone`: somebody was there, and closed without a word (it may just be leaving); `silent`: somebody is, and says nothing sensible. */
export type Answer =
  | { readonly kind: 'holder'; readonly holder: LockHolder }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent' };

/** Asks who listens at `address`; resolves within `timeoutMs` and never rejects. */
export function askHolder(address: string, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: address });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (answer: Answer) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => finish({ kind: 'silent' }), timeoutMs);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) finish({ kind: 'silent' });
    });
    socket.on('end', () => finish(parseAnswer(Buffer.concat(chunks).toString('utf8'))));
    socket.on('error', (error) => finish(answerOfError(errorCode(error))));
  });
}

function answerOfError(code: string): Answer {
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return { kind: 'nobody' };
  return { kind: code === 'ECONNRESET' ? 'gone' : 'silent' };
}

function parseAnswer(text: string): Answer {
  if (text === '') return { kind: 'gone' };
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? { kind: 'holder', holder: value } : { kind: 'silent' };
  } catch {
    return { kind: 'silent' };
  }
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startedAt, manifest } = value as Partial<Record<string, unknown>>;
  return typeof pid === 'number' && typeof startedAt === 'string' && typeof manifest === 'string';
}
