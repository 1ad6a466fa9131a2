/** What `policies test` found, in lines for people: a domain is a check, its problems are under it. Pure. */
import { formatPolicyProblem } from '../../reconcilers/policy/check-policies.js';
import type { Paint } from '../basics/talk.js';
import { fail, joined, ok, warn, type CheckResult, type Finding } from '../checks/finding.js';
import type { DomainTest, PolicyTestDocument } from './test-document.js';

export function testResults(document: PolicyTestDocument): readonly CheckResult[] {
  const { dir, domains, problems, warnings } = document;
  const items = itemsOf({ problems, warnings });
  const found = problems.length > 0 ? 'cannot be used as it stands' : 'can be used; be warned';
  return [
    ...domains.map((domain) => ({ name: domain.domain, ...domainFinding(domain) })),
    ...(items.length === 0 ? [] : [{ name: dir, ...joined(found, items) }]),
  ];
}

function domainFinding(domain: DomainTest): Finding {
  const { tests } = domain;
  const words = [testWords(domain), ...coverageWords(domain)].join(', ');
  const items = itemsOf(domain);
  if (items.length > 0) return joined(words, items);
  if (tests === undefined) return { result: 'skipped', found: words };
  return isTested(tests) ? ok(words) : warn(words, `write ${domain.domain}/${domain.domain}_test.rego`);
}

type Told = Pick<DomainTest, 'problems' | 'warnings'>;

function itemsOf({ problems, warnings }: Told): readonly Finding[] {
  return [
    ...problems.map(({ hint, ...problem }) => fail(formatPolicyProblem(problem), hint)),
    ...warnings.map(({ hint, ...warning }) => warn(formatPolicyProblem(warning), hint)),
  ];
}

function isTested({ passed, failed }: NonNullable<DomainTest['tests']>): boolean {
  return passed + failed > 0;
}

function testWords({ tests }: DomainTest): string {
  if (tests === undefined) return 'its tests were not run';
  if (!isTested(tests)) return 'has no tests';
  const { passed, failed } = tests;
  const well = `${String(passed)} ${passed === 1 ? 'test' : 'tests'} passed`;
  return failed === 0 ? well : `${well}, ${String(failed)} failed`;
}

const MOST_GAPS = 4;

function coverageWords({ coverage, uncovered, tests }: DomainTest): readonly string[] {
  if (coverage === undefined || tests === undefined || !isTested(tests)) return [];
  const rest = uncovered.length - MOST_GAPS;
  const more = rest > 0 ? ` and ${String(rest)} more` : '';
  const places = uncovered
    .slice(0, MOST_GAPS)
    .map((place, index) => withoutFileOf(uncovered[index - 1], place));
  const gaps = uncovered.length === 0 ? '' : `; none reaches ${places.join(', ')}${more}`;
  return [`${String(coverage)} % of its lines covered${gaps}`];
}

/** A file is named once: `a.rego:3, 7, b.rego:1`. */
function withoutFileOf(before: string | undefined, place: string): string {
  const file = place.slice(0, place.lastIndexOf(':') + 1);
  return before?.startsWith(file) === true ? place.slice(file.length) : place;
}

/** The last line. */
export function testVerdict(document: PolicyTestDocument, paint: Paint): string {
  const { result, dir, revision = '', domains, problems, only } = document;
  if (result === 'ok' && only !== undefined)
    return `${paint('green', '✔')} nothing in ${only} keeps a controller from ${dir}: "swiftdeploy policies test" tells the other domains`;
  if (result === 'ok')
    return `${paint('green', '✔')} a controller would take ${dir}, as revision ${revision.slice(0, 12)}`;
  const count = problems.length + domains.flatMap((domain) => domain.problems).length;
  const last = 'the last good policies would go on deciding';
  return `${paint('red', '✘')} a controller would refuse ${dir} (${count === 1 ? '1 problem' : `${String(count)} problems`}): ${last}`;
}
