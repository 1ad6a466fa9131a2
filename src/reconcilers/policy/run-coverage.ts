/**
 * What the tests of a policy set reach, in a throw-away container of the stack's own OPA image: for authors; no set is refused for it.
 * All tests are one query: `opa test --coverage` takes six times as long.
 */
import type { ThrowAwayPlace } from '../throw-away.js';
import { readCoverage, type FileCoverage } from './coverage.js';
import { ownTests } from './own-tests.js';
import { BUNDLE_DIR, policyCheckBundle } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';
import type { PolicySet } from './policy-set.js';
import { queryValue, readPassed } from './read-probes.js';
import { bundleFiles, runOpa } from './run-opa.js';

/** Every expression of every rule is a dozen lines of the report. */
const MOST_LINES = 1_000_000;

export interface Covered {
  readonly files: readonly FileCoverage[];
  /** Tests, as `data.swiftdeploy.x_test.test_a`. */
  readonly passed: ReadonlySet<string>;
}

/** Undefined for a set that does not compile. */
export async function runCoverage(place: ThrowAwayPlace, set: PolicySet): Promise<Covered | undefined> {
  for (const options of [WITHOUT_EXTRAS, []]) {
    const { exitCode, stdout } = await runOpa(place, {
      suffix: 'coverage',
      args: ['eval', '--format=json', '--coverage', ...options, '--bundle', BUNDLE_DIR, QUERY],
      files: bundleFiles([...policyCheckBundle(set), queryFile(set)]),
      maxLines: MOST_LINES,
      // What tests print is on stderr, and no part of the report.
      streams: 'stdout',
    });
    const files = exitCode === 0 ? readCoverage(stdout, set) : undefined;
    const passed = readPassed(queryValue(stdout));
    if (files !== undefined && passed !== undefined) return { files, passed };
  }
  return undefined;
}

/** Newer versions say why a line was not reached, at three times the work; older ones do not know the option. */
const WITHOUT_EXTRAS = ['--coverage-runs='];

const QUERY = 'data.system.coverage_test.passed';

function queryFile(set: PolicySet): PolicyFile {
  const rules = ownTests(set).map(
    ({ name, reference }) => `passed contains ${JSON.stringify(`data.${name}`)} if ${reference} == true\n`,
  );
  const head = 'package system.coverage_test\n\nimport rego.v1\n\npassed contains "" if false\n';
  return { path: 'system/coverage_test.rego', content: Buffer.from([head, ...rules].join('\n')) };
}
