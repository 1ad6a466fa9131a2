/** How a policy engine proves that it is the one that we filled: it knows the digest of its own token, which nobody else was given. */
import { createHmac } from 'node:crypto';

/** Decided like a domain, `data.system.proof.decision`, by a package that no policy set may have. */
export const PROOF_PATH = '/v1/data/system/proof/decision';

/** Rego that answers HMAC-SHA-256 (hex) of `input.nonce` under the digest. */
export function proofPolicy(digest: string): string {
  return `package system.proof

import rego.v1

decision := crypto.hmac.sha256(input.nonce, ${JSON.stringify(digest)})
`;
}

/** What the engine with this digest answers. */
export function proofOf(digest: string, nonce: string): string {
  return createHmac('sha256', digest).update(nonce).digest('hex');
}
