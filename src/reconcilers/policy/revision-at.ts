/** Asks an OPA by which policies it decides, and whether it listens to its token: both must be known before it is believed. */
import { Agent } from 'node:http';
import { asObject, asText, parseJson } from './json-value.js';
import { exchange } from './opa-exchange.js';

const TIMEOUT_MS = 500;
const MAX_BYTES = 64 * 1024;
/** No domain is asked: the answer is undefined, and says its provenance all the same. */
const PATH = '/v1/data/swiftdeploy/decision?provenance=true';

/** The revision of every bundle that it has; undefined when it does not answer, refuses the token, or has bundles of several. */
export async function revisionAt(port: number, token: string): Promise<string | undefined> {
  const body = '{"input":{}}';
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  const url = new URL(PATH, `http://127.0.0.1:${String(port)}`);
  const post = { url, headers, body, maxBytes: MAX_BYTES };
  const answer = await exchange(post, new Agent(), AbortSignal.timeout(TIMEOUT_MS));
  if ('kind' in answer || answer.status !== 200) return undefined;
  const provenance = asObject(asObject(parseJson(answer.body))?.provenance);
  const bundles = Object.values(asObject(provenance?.bundles) ?? {});
  const revisions = new Set(bundles.map((bundle) => asText(asObject(bundle)?.revision)));
  return revisions.size === 1 ? [...revisions][0] : undefined;
}
