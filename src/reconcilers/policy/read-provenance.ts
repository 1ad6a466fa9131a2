/** Who answered, and how long it took: what OPA says of itself beside the result. Pure; what it does not say is absent. */
import type { Answer } from './answer.js';
import { asObject, asText, type JsonObject } from './json-value.js';

const NS_PER_MS = 1e6;

export function readProvenance(
  document: JsonObject,
): Pick<Answer, 'decisionId' | 'opaVersion' | 'evaluationMs'> {
  const decisionId = asText(document.decision_id);
  const opaVersion = asText(asObject(document.provenance)?.version);
  const evaluationNs = asObject(document.metrics)?.timer_rego_query_eval_ns;
  return {
    ...(decisionId === undefined ? {} : { decisionId }),
    ...(opaVersion === undefined ? {} : { opaVersion }),
    ...(typeof evaluationNs === 'number' ? { evaluationMs: evaluationNs / NS_PER_MS } : {}),
  };
}

/** Of every bundle that decides. */
export function revisionsOf({ provenance }: JsonObject): readonly string[] {
  const bundles = asObject(asObject(provenance)?.bundles) ?? {};
  return Object.values(bundles).map((bundle) => asText(asObject(bundle)?.revision) ?? '(without revision)');
}
