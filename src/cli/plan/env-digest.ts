/** How an environment value is shown: enough to see whether two are equal, and nothing to try guesses on. */
import { createHmac } from 'node:crypto';
import { newToken } from '../../reconcilers/policy/authz-policy.js';

export type Digest = (value: string) => string;

const DIGEST_LENGTH = 8;

/** Keyed: a weak secret is guessed from a bare hash. Without the stack's key, what is compared is compared within this process. */
export function envDigest(stackKey = newToken()): Digest {
  return (value) => {
    const digest = createHmac('sha256', stackKey).update(`environment ${value}`).digest('hex');
    return `hmac:${digest.slice(0, DIGEST_LENGTH)}`;
  };
}
