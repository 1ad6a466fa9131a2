/** What `policies test` found, as data (schema/policy-test.schema.json): of each domain its tests, its coverage and its problems. Pure. */
import {
  TEST_TIMEOUT_CODE,
  type PolicyCheck,
  type PolicyProblem,
} from '../../reconcilers/policy/check-policies.js';
import { isTestFile, type Domain, type PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { FileCoverage } from '../../reconcilers/policy/coverage.js';
import { ownTests, type OwnTest } from '../../reconcilers/policy/own-tests.js';

export interface PolicyTestDocument {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'PolicyTest';
  /** The folder, as it was named. */
  readonly dir: string;
  /** Of OPA. */
  readonly image: string;
  /** The only domain that is told of; absent for all of them. */
  readonly only?: string;
  readonly result: 'ok' | 'fail';
  /** Absent for a folder that cannot be read. */
  readonly revision?: string;
  readonly domains: readonly DomainTest[];
  /** Of no domain. */
  readonly problems: readonly PolicyProblem[];
  /** The same, of what blocks nothing. */
  readonly warnings: readonly PolicyProblem[];
}

export interface DomainTest {
  readonly domain: string;
  readonly result: 'ok' | 'fail';
  /** That it is asked. */
  readonly questions: readonly string[];
  /** Absent where they were not run, because the set does not compile. */
  readonly tests?: { readonly passed: number; readonly failed: number };
  /** Percent of the lines of its rules; absent as `tests` are. */
  readonly coverage?: number;
  /** What no test reaches, as `canary/canary.rego:12-14`. */
  readonly uncovered: readonly string[];
  readonly problems: readonly PolicyProblem[];
  /** What blocks nothing and should be known. */
  readonly warnings: readonly PolicyProblem[];
}

export interface TestFacts {
  readonly dir: string;
  readonly image: string;
  readonly set?: PolicySet;
  /** Absent where nothing could be run. */
  readonly coverage?: readonly FileCoverage[];
  readonly check: PolicyCheck;
}

export function testDocument({ dir, image, set, coverage, check }: TestFacts): PolicyTestDocument {
  const tests = set === undefined ? [] : ownTests(set);
  const domains = (set?.domains ?? []).map((domain) => domainTest(domain, { check, coverage, tests }));
  const names = new Set<string | undefined>(domains.map(({ domain }) => domain));
  const ofNone = ({ file }: PolicyProblem) => !names.has(ownerOf(file));
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'PolicyTest',
    dir,
    image,
    result: check.problems.length === 0 ? 'ok' : 'fail',
    ...(set === undefined ? {} : { revision: set.revision }),
    domains,
    problems: check.problems.filter(ofNone),
    warnings: check.warnings.filter(ofNone),
  };
}

interface Findings {
  readonly check: PolicyCheck;
  readonly coverage: readonly FileCoverage[] | undefined;
  /** Of the set. */
  readonly tests: readonly OwnTest[];
}

function domainTest({ name, questions }: Domain, { check, coverage, tests }: Findings): DomainTest {
  const isOwn = ({ file }: { readonly file?: string }) => ownerOf(file) === name;
  const problems = check.problems.filter(isOwn);
  const files = coverage?.filter((file) => isOwn(file) && !isTestFile(file.file));
  return {
    domain: name,
    result: problems.length === 0 ? 'ok' : 'fail',
    questions,
    ...(coverage === undefined ? {} : { tests: tally(tests.filter(isOwn), check) }),
    ...(files === undefined ? {} : { coverage: percentOf(files) }),
    uncovered: files?.flatMap(uncoveredIn) ?? [],
    problems,
    warnings: check.warnings.filter(isOwn),
  };
}

function tally(tests: readonly OwnTest[], { problems }: PolicyCheck) {
  const told = problems.filter(({ code }) => FAILED.includes(code)).map(({ message }) => message);
  const failed = tests.filter(({ name }) =>
    told.some((text) => text === name || text.startsWith(`${name}:`)),
  );
  return { passed: tests.length - failed.length, failed: failed.length };
}

const FAILED: readonly string[] = ['test_failed', TEST_TIMEOUT_CODE];

/** The folder at the top; of a file of older tools, which has none, its name. */
function ownerOf(file: string | undefined): string | undefined {
  return file?.includes('/') === true
    ? file.slice(0, file.indexOf('/'))
    : file?.replace(/(?:_test)?\.rego$/, '');
}

/** To a tenth, and 100 only for all of it. */
function percentOf(files: readonly FileCoverage[]): number {
  const covered = files.reduce((sum, file) => sum + file.covered, 0);
  const all = files.reduce((sum, file) => sum + file.covered + file.notCovered, 0);
  return all === 0 ? 0 : Math.floor((1000 * covered) / all) / 10;
}

function uncoveredIn({ file, gaps }: FileCoverage): readonly string[] {
  return gaps.map(
    ([first, last]) => `${file}:${first === last ? String(first) : `${String(first)}-${String(last)}`}`,
  );
}
