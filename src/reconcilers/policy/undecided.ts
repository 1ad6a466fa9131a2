/** Why a domain that answers nothing answers nothing: the two mistakes of those who know Rego from elsewhere. Pure. */
import type { PolicyProblem } from './check-policies.js';
import { packagePlace } from './place-in-file.js';
import type { PolicyFile } from './policy-files.js';
import { isPackageOf, isTestFile, type PolicySet } from './policy-set.js';
import { packageWords, regoPackage } from './rego-package.js';

/** Undefined where it is neither of them. */
export function whyUndecided({ files }: Pick<PolicySet, 'files'>, domain: string): PolicyProblem | undefined {
  const rego = files.filter(({ path }) => path.endsWith('.rego') && !isTestFile(path));
  const [first, ...rest] = rego.filter((file) => isPackageOf(file, domain));
  if (first !== undefined) return [first, ...rest].some(hasDecision) ? undefined : noDecision(first, domain);
  const inFolder = rego.filter(({ path }) => path.startsWith(`${domain}/`));
  const meant = inFolder.find(hasDecision) ?? inFolder[0];
  return meant === undefined ? undefined : wrongPackage(meant, domain);
}

function wrongPackage(file: PolicyFile, domain: string): PolicyProblem {
  const found = regoPackage(file.content.toString('utf8')) ?? [];
  return {
    file: file.path,
    ...packagePlace(file),
    code: 'wrong_package',
    message: `the package is ${packageWords(found)}; for the domain ${domain} it has to be ${packageWords(['swiftdeploy', domain])}`,
  };
}

function noDecision(file: PolicyFile, domain: string): PolicyProblem {
  return {
    file: file.path,
    ...packagePlace(file),
    code: 'no_decision',
    message: `there is no rule named decision in package ${packageWords(['swiftdeploy', domain])}`,
    hint: 'it is what is asked, an object with `allow` and `reasons`: see docs/policies.md',
  };
}

/** One that looks like the rule will do: then our guess would be wrong, and OPA's own words are said. */
function hasDecision({ content }: PolicyFile): boolean {
  return /^[^\S\n]*(?:default\s+)?decision\b/m.test(content.toString('utf8'));
}
