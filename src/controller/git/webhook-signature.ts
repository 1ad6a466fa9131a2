/** How the forges prove that a delivery is theirs, and whether one did. Comparisons take as long whatever is wrong. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a delivery shows as its proof. */
export interface Claim {
  /** `signature`: of the body, made with the secret; `token`: the secret itself. */
  readonly kind: 'signature' | 'token';
  readonly value: string;
}

/** The first that is there counts. */
const CLAIMS: readonly (readonly [string, Claim['kind'], RegExp])[] = [
  ['x-hub-signature-256', 'signature', /^sha256=([0-9a-f]{64})$/i],
  ['x-forgejo-signature', 'signature', /^([0-9a-f]{64})$/i],
  ['x-gitea-signature', 'signature', /^([0-9a-f]{64})$/i],
  ['x-gitlab-token', 'token', /^(.+)$/],
];

/** Undefined when there is none, or none in its form. */
export function claimOf(headers: IncomingHttpHeaders): Claim | undefined {
  for (const [header, kind, form] of CLAIMS) {
    const text = headers[header];
    if (text === undefined) continue;
    const value = typeof text === 'string' ? form.exec(text)?.[1] : undefined;
    return value === undefined ? undefined : { kind, value };
  }
  return undefined;
}

/** `bodyMac`: HMAC-SHA256 of the body under the secret. */
export function proves({ kind, value }: Claim, secret: string, bodyMac: Buffer): boolean {
  if (kind === 'signature') return timingSafeEqual(Buffer.from(value, 'hex'), bodyMac);
  return timingSafeEqual(macOf(value, secret), macOf(secret, secret));
}

/** Of equal length whatever is compared. */
function macOf(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}
