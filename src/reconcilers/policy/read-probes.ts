/** What OPA printed of our probes, by the probe's test. Pure; `judge-probes.ts` says what it means. */
import { asObject, asText, parseJson, type JsonObject } from './json-value.js';
import { PROBE_PACKAGE } from './probe-tests.js';

/** What one probe found, or why it could not. */
export interface Found {
  readonly found?: JsonObject;
  readonly error?: JsonObject;
}

/** What one query said of everything. */
export interface TrialFound {
  /** By the probe's test. */
  readonly probes: ReadonlyMap<string, Found>;
  /** Of the set's own tests. */
  readonly passed: ReadonlySet<string>;
}

/** Undefined for a query that failed as a whole. `output`: of `trialArgs`. */
export function readTrial(output: string): TrialFound | undefined {
  const { '1_probes': probes, '3_passed': passed } = asObject(queryValue(output)) ?? {};
  const names = readPassed(passed);
  if (probes === undefined || names === undefined) return undefined;
  const found = Object.entries(asObject(probes) ?? {}).map(([test, value]): [string, Found] => [
    test,
    { found: asObject(value) ?? {} },
  ]);
  return { probes: new Map(found), passed: names };
}

/** Of its one expression; undefined for a query that failed as a whole. `output`: of `opa eval`. */
export function queryValue(output: string): unknown {
  const result = asObject(parseJson(Buffer.from(output)))?.result;
  const [row]: readonly unknown[] = Array.isArray(result) ? result : [];
  const expressions = asObject(row)?.expressions;
  const [expression]: readonly unknown[] = Array.isArray(expressions) ? expressions : [];
  return asObject(expression)?.value;
}

/** Undefined for what is no set. */
export function readPassed(names: unknown): ReadonlySet<string> | undefined {
  return Array.isArray(names) ? new Set(names.map(String)) : undefined;
}

/** By the probe's test; undefined for a set that did not load. `output`: of `opa test`. */
export function readProbeTests(output: string): ReadonlyMap<string, Found> | undefined {
  const results = parseJson(Buffer.from(output));
  if (!Array.isArray(results)) return undefined;
  const ours = results.map(asObject).filter(isOurs);
  return new Map(ours.map((test): [string, Found] => [asText(test.name) ?? '', foundBy(test)]));
}

function isOurs(test: JsonObject | undefined): test is JsonObject {
  return test?.package === PROBE_PACKAGE;
}

function foundBy({ output, error }: JsonObject): Found {
  const found = asObject(parseJson(Buffer.from(lastLine(asText(output) ?? ''))));
  const failure = asObject(error);
  return { ...(found === undefined ? {} : { found }), ...(failure === undefined ? {} : { error: failure }) };
}

/** Of what a test printed, as OPA encodes it. Policies may print, too; the probe does when they have been asked. */
function lastLine(base64: string): string {
  const printed = Buffer.from(base64, 'base64').toString('utf8');
  return printed.trimEnd().split('\n').at(-1) ?? '';
}
