/** `swiftdeploy policies explain`: what a domain would be asked now, what it answers, and by which rules. It changes and leaves nothing. */
import { relative } from 'node:path';
import { Option, type Command } from 'commander';
import { QUESTIONS } from '../../reconcilers/plan/steps.js';
import { formatPolicyProblem, type PolicyProblem } from '../../reconcilers/policy/check-policies.js';
import { explainDecision } from '../../reconcilers/policy/explain-decision.js';
import { PolicySetError } from '../../reconcilers/policy/policy-set-error.js';
import { readPolicySet, type PolicySet } from '../../reconcilers/policy/policy-set.js';
import { declareForStack, type Finish } from '../basics/command.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { outputOption, type OutputForm } from '../basics/options.js';
import { policiesDir, type CommonOptions } from '../basics/paths.js';
import { paintFor, print } from '../basics/talk.js';
import { askingOf, named, type Wish } from './asking.js';
import { explanationDocument } from './explanation.js';
import { explanationPage } from './explanation-page.js';
import { openTrial } from './open-trial.js';
import { policyPlace } from './policy-place.js';

export interface PoliciesExplainOptions extends CommonOptions, Wish {
  readonly trace?: boolean;
  readonly output?: OutputForm;
}

export function addPoliciesExplain(group: Command, finish: Finish): void {
  const examples = [
    'policies explain infrastructure',
    'policies explain admission --question replace --service api --trace',
    'policies explain canary --question analyse --input facts.json -o json',
  ] as const;
  declareForStack(group, 'explain', ...examples)
    .description('what a domain would be asked now, what it answers, and by which rules')
    .argument('<domain>', 'a folder of policies')
    .addOption(
      new Option('--question <question>', 'the first that it is asked, otherwise').choices(QUESTIONS),
    )
    .option('--service <name>', 'about this one; the first of the manifest, otherwise')
    .option(
      '--input <file>',
      'ask about these facts (JSON; - reads stdin), not those of the manifest and this host',
    )
    .option('--trace', "OPA's own trace, too")
    .addOption(outputOption('a page'))
    .action(async (domain: string, options: PoliciesExplainOptions) =>
      finish(await policiesExplain(domain, options)),
    );
}

/** Resolves with the exit code: 0 when there is an answer that the gate would believe, whatever it is. */
export async function policiesExplain(name: string, options: PoliciesExplainOptions): Promise<number> {
  const place = await policyPlace(options);
  const dir = policiesDir(options, place.choice);
  const set = await readSet(dir);
  const domain = named(name, set.domains, `${shown(dir)} has no domain`);
  const trial = await openTrial(options, place);
  const asking = await askingOf({ domain, place, set, trial }, options);
  const explained = await trial.run((where) => explainDecision(where, set, asking));
  if (!('outcome' in explained)) throw new CommandError(brokenWords(dir, explained));
  const document = explanationDocument({
    dir: shown(dir),
    set,
    domain,
    asking,
    explained,
    trace: options.trace === true,
  });
  if (options.output === 'json') print(JSON.stringify(document, undefined, 2));
  else print(explanationPage(document, paintFor(process.stdout)));
  return document.answer.code === undefined ? EXIT.ok : EXIT.failed;
}

async function readSet(dir: string): Promise<PolicySet> {
  try {
    return await readPolicySet(dir);
  } catch (error) {
    if (error instanceof PolicySetError) throw new CommandError(`${shown(dir)}: ${error.message}`);
    throw error;
  }
}

function brokenWords(dir: string, problems: readonly PolicyProblem[]): string {
  return `${shown(dir)} does not compile, so nothing can be asked:\n${problems.map(formatPolicyProblem).join('\n')}`;
}

function shown(dir: string): string {
  return relative(process.cwd(), dir) || '.';
}
