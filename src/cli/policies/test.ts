/** `swiftdeploy policies test`: what a controller would say to these policies, and what their tests reach. It changes and leaves nothing. */
import { relative } from 'node:path';
import type { Command } from 'commander';
import { policiesDir, type CommonOptions } from '../basics/paths.js';
import { CapabilityShelf } from '../../reconcilers/policy/capabilities.js';
import { checkWithCoverage } from '../../reconcilers/policy/check-container.js';
import type { PolicyProblem } from '../../reconcilers/policy/check-policies.js';
import { PolicySetError } from '../../reconcilers/policy/policy-set-error.js';
import { readPolicySet, type PolicySet } from '../../reconcilers/policy/policy-set.js';
import { TooSlow } from '../../reconcilers/throw-away.js';
import { checkLines, nameWidth } from '../checks/print-checks.js';
import { declareForStack, type Finish } from '../basics/command.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { outputOption, type OutputForm } from '../basics/options.js';
import { paintFor, print, talk } from '../basics/talk.js';
import { named } from './asking.js';
import { onlyDomain } from './only-domain.js';
import { openTrial } from './open-trial.js';
import { policyPlace, type PolicyPlace } from './policy-place.js';
import { testDocument, type PolicyTestDocument } from './test-document.js';
import { testResults, testVerdict } from './test-page.js';

export interface PoliciesTestOptions extends CommonOptions {
  readonly output?: OutputForm;
}

export function addPoliciesTest(group: Command, finish: Finish): void {
  declareForStack(
    group,
    'test',
    'policies test',
    'policies test canary',
    'policies test --policies drafts -o json',
  )
    .description('would a controller take these policies? With their tests and what those cover')
    .argument('[domain]', 'tell of this one alone; the others are compiled with it')
    .addOption(outputOption('a line per domain'))
    .action(async (domain: string | undefined, options: PoliciesTestOptions) =>
      finish(await policiesTest(options, domain)),
    );
}

/** Resolves with the exit code: 0 when a controller would take them, or when nothing in `only` keeps it from that. */
export async function policiesTest(options: PoliciesTestOptions, only?: string): Promise<number> {
  const place = await policyPlace(options);
  const document = await tried(options, place, only);
  if (options.output === 'json') print(JSON.stringify(document, undefined, 2));
  else printPage(document);
  return document.result === 'ok' ? EXIT.ok : EXIT.failed;
}

async function tried(
  options: PoliciesTestOptions,
  place: PolicyPlace,
  only: string | undefined,
): Promise<PolicyTestDocument> {
  const dir = policiesDir(options, place.choice);
  const about = { dir: relative(process.cwd(), dir) || '.', image: place.image };
  try {
    const set = await readPolicySet(dir);
    if (only !== undefined) named(only, set.domains, `${about.dir} has no domain`);
    const document = testDocument({ ...about, set, ...(await runAll(options, place, set)) });
    return only === undefined ? document : onlyDomain(document, only);
  } catch (error) {
    if (error instanceof TooSlow)
      throw new CommandError(`the check of ${about.dir} is too much work: ${error.message}`);
    if (!(error instanceof PolicySetError)) throw error;
    return testDocument({ ...about, check: { problems: [unreadable(error)], warnings: [] } });
  }
}

/** The check of a controller, and beside it what an author wants to know. */
async function runAll(options: PoliciesTestOptions, { image, stack }: PolicyPlace, set: PolicySet) {
  const trial = await openTrial(options, { image, stack });
  const shelf = new CapabilityShelf(trial.session.paths.stateDir);
  const found = await trial.run((place) => checkWithCoverage(place, set, shelf));
  if (found === undefined) throw new CommandError(`${image} has just left the engine`);
  return found;
}

function unreadable({ file, at, fault, sentence }: PolicySetError): PolicyProblem {
  return {
    ...(file === '' ? {} : { file }),
    ...at,
    code: fault,
    message: sentence,
  };
}

function printPage(document: PolicyTestDocument): void {
  const results = testResults(document);
  for (const result of results) print(checkLines(result, nameWidth(results), paintFor(process.stdout)));
  talk(`\n${testVerdict(document, paintFor(process.stderr))}`);
}
