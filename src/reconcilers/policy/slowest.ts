/** Where the time of a trial went that did not end: each domain is asked once more, and each own test run, by itself and not for long. Pure. */
import { asObject, asText, parseJson, type JsonObject } from './json-value.js';
import { BUNDLE_DIR } from './policy-bundle.js';
import { runOnly, PROBE_PACKAGE, type Probe } from './probe-tests.js';

/** For one of them; all must fit into the time that one run may take. */
const EACH_SECONDS = 2;

/** Arguments after `opa`: of each domain the first question, and its own tests. */
export function slowestArgs(probes: readonly Probe[], own: readonly string[]): string[] {
  const asked = firstOfEach(probes).map(({ test }) => `${PROBE_PACKAGE}.${test}`);
  const each = `--timeout=${String(EACH_SECONDS)}s`;
  return ['test', '--format=json', each, '--bundle', BUNDLE_DIR, ...runOnly([...asked, ...own])];
}

/** `x needs more than 2 s for "deploy"`; undefined where nothing was run. `output`: of `slowestArgs`. */
export function slowestWords(output: string, probes: readonly Probe[]): string | undefined {
  const results = parseJson(Buffer.from(output));
  const runs = (Array.isArray(results) ? results : []).map((result: unknown) => asObject(result) ?? {});
  const [slowest] = runs.sort((a, b) => isCut(b) - isCut(a) || secondsOf(b.duration) - secondsOf(a.duration));
  if (slowest === undefined) return undefined;
  const seconds = secondsOf(slowest.duration);
  const needs =
    isCut(slowest) === 0 && seconds < EACH_SECONDS
      ? `needs ${seconds.toFixed(1)} s`
      : `needs more than ${String(EACH_SECONDS)} s`;
  const name = asText(slowest.name) ?? '';
  const probe = slowest.package === PROBE_PACKAGE ? probes.find(({ test }) => test === name) : undefined;
  if (probe !== undefined) return `${probe.domain} ${needs} for "${probe.question ?? ''}"`;
  return `the test ${String(slowest.package).replace(/^data\./, '')}.${name} ${needs}`;
}

function firstOfEach(probes: readonly Probe[]): readonly Probe[] {
  const asked = probes.filter(({ question }) => question !== undefined);
  return asked.filter((probe, index) => asked.findIndex(({ domain }) => domain === probe.domain) === index);
}

/** 1 for one that OPA ended: the others ran beside it, and may only have waited for the processor. */
function isCut({ error }: JsonObject): number {
  return asObject(error)?.code === 'eval_cancel_error' ? 1 : 0;
}

/** Of nanoseconds. */
function secondsOf(duration: unknown): number {
  return typeof duration === 'number' ? duration / 1e9 : 0;
}
