/** Reads a delivery's body for its HMAC alone: it is never kept, so that strangers cannot fill the memory. */

import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';

const MAX_BODY_BYTES = 1024 * 1024;

export type BodyMac =
  | { readonly kind: 'whole'; readonly mac: Buffer }
  | { readonly kind: 'too large' }
  /** Empty, or it ended before its end. */
  | { readonly kind: 'broken' };

/** HMAC-SHA256 of the body under `secret`. Never rejects. */
export function readBodyMac(request: IncomingMessage, secret: string): Promise<BodyMac> {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES)
    return Promise.resolve({ kind: 'too large' });
  const hmac = createHmac('sha256', secret);
  let bytes = 0;
  return new Promise((resolve) => {
    // What comes after the limit still flows, to nowhere: the sender can read the answer.
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) resolve({ kind: 'too large' });
      else hmac.update(chunk);
    });
    finished(request, { writable: false }, (error) => {
      const isWhole = bytes > 0 && (error === null || error === undefined);
      resolve(isWhole ? { kind: 'whole', mac: hmac.digest() } : { kind: 'broken' });
    });
  });
}
