/**
 * Decides whether what came back from OPA can be believed, and turns it into an answer or a failure. Pure.
 * An answer counts only when it is whole: HTTP 200, JSON, a boolean `allow`, reasons when denied, our question, our revision.
 */
import { VERDICTS, type Answer, type OpaFailure } from './answer.js';
import { asObject, asText, parseJson, type JsonObject } from './json-value.js';
import type { HttpAnswer } from './opa-exchange.js';
import { readChecked } from './read-checked.js';
import { readProvenance, revisionsOf } from './read-provenance.js';
import { readReasons, readWarnings } from './read-reasons.js';

/** What was asked, and of which policies. */
export interface Asked {
  readonly domain: string;
  readonly question: string;
  readonly expectedRevision?: string | undefined;
}

/** An answer that still lacks its duration. */
export type Believed = Omit<Answer, 'durationMs' | 'code'>;

const CURES = {
  undefined: 'name the questions that the domain answers in its METADATA: `custom: {questions: [deploy]}`',
  decision: 'write `decision := {"allow": allow, "reasons": reasons}`',
  allow: 'make `allow` true or false, with `default allow := false` where no rule holds',
  reasons:
    'make `reasons` a list, `[reason | some reason in reasons]`, of texts or of `{"code": …, "message": …}`',
  denial: 'say why: every denial needs at least one of `reasons`',
  echo: 'answer with `input.question` and the name of the package, or leave `question` and `domain` out',
  verdict: 'write one of these, or leave `verdict` out: then `allow` alone says whether the canary goes on',
} as const;

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
    return malformed(`\`decision\` is ${JSON.stringify(document.result)}, not an object`, CURES.decision);
  return readDecision(result, document, asked);
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
  return { code: 'OPA_UNDEFINED', detail, cure: CURES.undefined };
}

function readDecision(result: JsonObject, document: JsonObject, asked: Asked): Believed | OpaFailure {
  if (typeof result.allow !== 'boolean') {
    return malformed(
      `\`allow\` is ${JSON.stringify(result.allow) ?? 'absent'}, not true or false`,
      CURES.allow,
    );
  }
  const reasons = readReasons(result.reasons ?? []);
  if (reasons === undefined)
    return malformed('`reasons` is not a list of texts or of objects with a `message`', CURES.reasons);
  if (!result.allow && reasons.length === 0) return malformed('denied without a reason', CURES.denial);
  const revisions = revisionsOf(document);
  const wrong = wrongEcho(result, asked) ?? wrongRevision(revisions, asked) ?? unknownVerdict(result, asked);
  if (wrong !== undefined) return wrong;
  return {
    domain: asked.domain,
    question: asked.question,
    allow: result.allow,
    reasons,
    ...saidBeside(result),
    ...(revisions[0] === undefined ? {} : { revision: revisions[0] }),
    ...readProvenance(document),
  };
}

function saidBeside(result: JsonObject): Pick<Answer, 'warnings' | 'checked' | 'verdict'> {
  const warnings = readWarnings(result.warnings);
  const checked = readChecked(result.checked);
  const verdict = VERDICTS.find((known) => known === result.verdict);
  return {
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(checked.length === 0 ? {} : { checked }),
    ...(verdict === undefined ? {} : { verdict }),
  };
}

/** What a policy means by a word that nobody knows is nobody's to guess where it moves traffic. */
function unknownVerdict({ verdict }: JsonObject, { question }: Asked): OpaFailure | undefined {
  if (question !== 'analyse' || verdict === undefined || VERDICTS.some((known) => known === verdict))
    return undefined;
  return malformed(
    `\`verdict\` is ${JSON.stringify(verdict)}, not one of ${VERDICTS.join(', ')}`,
    CURES.verdict,
  );
}

function wrongEcho(result: JsonObject, asked: Asked): OpaFailure | undefined {
  for (const field of ['domain', 'question'] as const) {
    const echoed = result[field];
    if (echoed === undefined || echoed === asked[field]) continue;
    return {
      code: 'OPA_WRONG_DOMAIN',
      detail: `${field} is ${JSON.stringify(echoed)}, asked was "${asked[field]}"`,
      cure: CURES.echo,
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

function malformed(detail: string, cure?: string): OpaFailure {
  return { code: 'OPA_MALFORMED', detail, ...(cure === undefined ? {} : { cure }) };
}
