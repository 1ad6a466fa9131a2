/**
 * The limits that evidence about a canary is measured against: `canary.thresholds` of the policies' own data, made stricter by the
 * manifest. They are measured with here, and judged by nowhere but in the policies. Pure.
 */
import { parse } from 'yaml';
import { asObject } from '../policy/json-value.js';
import type { PolicySet } from '../policy/policy-set.js';
import type { CanaryLimits } from './canary-facts.js';

/** Of the published walk-through, for policies that keep no such data. */
const PUBLISHED: CanaryLimits = { max_error_percent: 1, slow_ms: 500, max_slow_percent: 1 };
const DATA_FILE = /^canary\/data\.(?:json|ya?ml)$/;

/** What manifests of older tools call them (policies/canary/limits.rego has the same): a rate without `percent` is a fraction. */
const OTHER_NAMES: readonly (readonly [string, keyof CanaryLimits, number])[] = [
  ['max_error_rate_percent', 'max_error_percent', 1],
  ['error_rate_percent', 'max_error_percent', 1],
  ['max_error_rate', 'max_error_percent', 100],
  ['error_rate', 'max_error_percent', 100],
  ['max_p99_latency_ms', 'slow_ms', 1],
  ['p99_latency_ms', 'slow_ms', 1],
  ['max_p99_ms', 'slow_ms', 1],
  ['p99_ms', 'slow_ms', 1],
  ['max_latency_ms', 'slow_ms', 1],
  ['max_latency_p99_ms', 'slow_ms', 1],
];

export function canaryLimits(set: PolicySet, wanted: Readonly<Record<string, number>> = {}): CanaryLimits {
  const data = thresholdsOf(set);
  const limit = (name: keyof CanaryLimits) =>
    Math.min(data[name] ?? PUBLISHED[name], ...wantedOf(wanted, name));
  return {
    max_error_percent: limit('max_error_percent'),
    slow_ms: limit('slow_ms'),
    max_slow_percent: limit('max_slow_percent'),
  };
}

function wantedOf(wanted: Readonly<Record<string, number>>, limit: keyof CanaryLimits): number[] {
  const names = [[limit, limit, 1] as const, ...OTHER_NAMES].filter(([, ours]) => ours === limit);
  return names.flatMap(([name, , factor]) => (wanted[name] === undefined ? [] : [wanted[name] * factor]));
}

/** OPA has loaded the same file: what it could not read never got here. */
function thresholdsOf({ files }: PolicySet): Partial<Record<string, number>> {
  const file = files.find(({ path }) => DATA_FILE.test(path));
  const data = file === undefined ? undefined : asObject(parse(file.content.toString('utf8')));
  const thresholds = Object.entries(asObject(data?.thresholds) ?? {});
  return Object.fromEntries(
    thresholds.filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0),
  );
}
