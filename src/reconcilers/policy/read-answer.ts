/**
 * Decides whether what came back from OPA can be believed, and turns it into an answer or a failure. Pure.
 * An answer counts only when it is whole: HTTP 200, JSON, a boolean `allow`, reasons when denied, our question, our revision.
 */
import type { Answer, OpaFailure, Reason } from './answer.js';
import { asObject, asText, parseJson, type JsonObject } from './json-value.js';
import type { HttpAnswer } from './opa-exchange.js';
import { readChecked } from './read-checked.js';

/** What was asked, and of which policies. */
export interface Asked {
  readonly domain: string;
  readonly question: string;
  readonly expectedRevision?: string | undefined;
}

/** An answer that still lacks its duration. */
export type Believed = Omit<Answer, 'durationMs' | 'code'>;

/** Believes the answer or says why not. */
export function readAnswer(http: HttpAnswer, asked: Asked): Believed | OpaFailure {
  const refused = refusedByStatus(http);
  if (refused !== undefined) return refused;
  const parsed = parseJson(http.body);
  if (parsed === undefined)
    return { code: 'OPA_NOT_JSON', detail: `${http.body.length} bytes with status 200` };
  const document = asObject(parsed);
  if (document === undefined) return malformed('the document is not an object');
  if (document.result === undefined) return undefinedResult(asked);
  const result = asObject(document.result);
  if (result === undefined)
    return malformed(`\`decision\` is ${JSON.stringify(document.result)}, not an object`);
  return readDecision(result, document.provenance, asked);
}

function refusedByStatus({ status, body }: HttpAnswer): OpaFailure | undefined {
  if (status === 200) return undefined;
  const detail = `status ${status}${opaMessage(body)}`;
  if (status === 401 || status === 403) return { code: 'OPA_UNAUTHORIZED', detail };
  if (status >= 500) return { code: 'OPA_EVAL_ERROR', detail };
  if (status >= 400) return { code: 'OPA_BAD_REQUEST', detail };
  return malformed(`${detail} where 200 was expected; redirects are not followed`);
}

/** OPA explains its refusals as `{code, message, errors}`; a stranger's page is left out. */
function opaMessage(body: Buffer): string {
  const document = asObject(parseJson(body));
  const message = asText(document?.message);
  if (message === undefined) return '';
  const errors: readonly unknown[] = Array.isArray(document?.errors) ? document.errors : [];
  const first = asText(asObject(errors[0])?.message);
  return first === undefined ? `, ${message}` : `, ${message}: ${first}`;
}

function undefinedResult({ domain, question }: Asked): OpaFailure {
  const detail = `swiftdeploy.${domain}.decision is undefined for "${question}" (package and folder named alike?)`;
  return { code: 'OPA_UNDEFINED', detail };
}

function readDecision(result: JsonObject, provenance: unknown, asked: Asked): Believed | OpaFailure {
  if (typeof result.allow !== 'boolean') {
    return malformed(`\`allow\` is ${JSON.stringify(result.allow) ?? 'absent'}, not true or false`);
  }
  const reasons = readReasons(result.reasons ?? []);
  if (reasons === undefined)
    return malformed('`reasons` is not a list of texts or of objects with a `message`');
  if (!result.allow && reasons.length === 0) return malformed('denied without a reason');
  const revisions = revisionsOf(provenance);
  const wrong = wrongEcho(result, asked) ?? wrongRevision(revisions, asked);
  if (wrong !== undefined) return wrong;
  const [revision] = revisions;
  const verdict = asText(result.verdict);
  const checked = readChecked(result.checked);
  return {
    domain: asked.domain,
    question: asked.question,
    allow: result.allow,
    reasons,
    ...(checked.length === 0 ? {} : { checked }),
    ...(revision === undefined ? {} : { revision }),
    ...(verdict === undefined ? {} : { verdict }),
  };
}

function wrongEcho(result: JsonObject, asked: Asked): OpaFailure | undefined {
  for (const field of ['domain', 'question'] as const) {
    const echoed = result[field];
    if (echoed === undefined || echoed === asked[field]) continue;
    return {
      code: 'OPA_WRONG_DOMAIN',
      detail: `${field} is ${JSON.stringify(echoed)}, asked was "${asked[field]}"`,
    };
  }
  return undefined;
}

/** Every bundle must carry the revision: an OPA with a second bundle is not the one that was checked. */
function wrongRevision(revisions: readonly string[], { expectedRevision }: Asked): OpaFailure | undefined {
  if (expectedRevision === undefined) return undefined;
  if (revisions.length > 0 && revisions.every((revision) => revision === expectedRevision)) return undefined;
  const found = revisions.length === 0 ? 'none' : revisions.join(', ');
  return { code: 'OPA_STALE_POLICY', detail: `revision ${found}, expected ${expectedRevision}` };
}

function revisionsOf(provenance: unknown): string[] {
  const bundles = asObject(asObject(provenance)?.bundles) ?? {};
  return Object.values(bundles).map((bundle) => asText(asObject(bundle)?.revision) ?? '(without revision)');
}

/** Texts (the published form) and objects alike; undefined when one is neither. */
function readReasons(value: unknown): Reason[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const reasons = value.map(readReason);
  return reasons.every((reason) => reason !== undefined) ? reasons : undefined;
}

function readReason(value: unknown): Reason | undefined {
  const text = asText(value);
  if (text !== undefined) return { code: 'policy', message: text };
  const object = asObject(value);
  const message = asText(object?.message);
  if (object === undefined || message === undefined) return undefined;
  return {
    code: asText(object.code) ?? 'policy',
    message,
    ...present(object, 'observed'),
    ...present(object, 'limit'),
  };
}

function present(object: JsonObject, field: string): JsonObject {
  return object[field] === undefined || object[field] === null ? {} : { [field]: object[field] };
}

function malformed(detail: string): OpaFailure {
  return { code: 'OPA_MALFORMED', detail };
}
