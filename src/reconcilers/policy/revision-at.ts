/** Asks an OPA by which policies it decides, and whether it is the one that we filled: both must be known before it is believed. */
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { tokenDigest } from './authz-policy.js';
import { PROOF_PATH, proofOf } from './engine-proof.js';
import { asObject, asText, parseJson } from './json-value.js';
import { exchange } from './opa-exchange.js';

const TIMEOUT_MS = 500;
const MAX_BYTES = 64 * 1024;

/**
 * The revision of every bundle that it has; undefined when it does not answer, refuses the token, does not know its digest, or has
 * bundles of several revisions.
 */
export async function revisionAt(port: number, token: string): Promise<string | undefined> {
  const nonce = randomBytes(16).toString('hex');
  const body = JSON.stringify({ input: { nonce } });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  const url = new URL(`${PROOF_PATH}?provenance=true`, `http://127.0.0.1:${String(port)}`);
  const post = { url, headers, body, maxBytes: MAX_BYTES };
  const answer = await exchange(post, new Agent(), AbortSignal.timeout(TIMEOUT_MS));
  if ('kind' in answer || answer.status !== 200) return undefined;
  const said = asObject(parseJson(answer.body));
  if (said?.result !== proofOf(tokenDigest(token), nonce)) return undefined;
  const provenance = asObject(said.provenance);
  const bundles = Object.values(asObject(provenance?.bundles) ?? {});
  const revisions = new Set(bundles.map((bundle) => asText(asObject(bundle)?.revision)));
  return revisions.size === 1 ? [...revisions][0] : undefined;
}
