/** What is tried in throw-away containers of the stack's own images: nginx's configuration, and the policies with their tests. */
import { relative } from 'node:path';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Engine } from '../../reconcilers/docker/engine.js';
import { reasonOf, statusOf } from '../../reconcilers/docker/engine-errors.js';
import { checkInContainer } from '../../reconcilers/policy/check-container.js';
import { formatPolicyProblem } from '../../reconcilers/policy/check-policies.js';
import { PolicySetError } from '../../reconcilers/policy/policy-set-error.js';
import { readPolicySet } from '../../reconcilers/policy/policy-set.js';
import { unknownDomains } from '../../reconcilers/policy/unknown-domains.js';
import { checkProxyConfig } from '../../reconcilers/proxy/check-config.js';
import { cannotRunWords, TRIAL_PATIENCE_MS } from '../basics/trial.js';
import { fail, joined, ok, skipped, warn, type Finding } from '../checks/finding.js';

export interface Trial {
  readonly engine: Engine;
  readonly tester: string;
  readonly signal: AbortSignal;
}

export async function tryProxyConfig(trial: Trial, stack: StackSpec): Promise<Finding> {
  const { image } = stack.proxy;
  const place = { ...trial, stack: stack.name, image, timeoutMs: TRIAL_PATIENCE_MS };
  const verdict = await unlessRefused(checkProxyConfig(place, stack));
  if (verdict instanceof Refusal) return cannotRun(image, verdict, 'nginx.image has to be an image of nginx');
  if (verdict === undefined) return skipped(`${image} is not on the engine`);
  const nginx = `nginx ${verdict.version ?? 'of unknown version'}`;
  if (verdict.refusal === undefined) return ok(`${nginx} accepts what is generated (nginx -t)`);
  return fail(`${nginx} refuses what is generated:\n${verdict.refusal}`, 'name a newer nginx image');
}

export interface PolicyPlace {
  readonly dir: string;
  readonly image: string;
  readonly stack: string;
  /** What the manifest asks of them, by domain; nothing while it cannot be read. */
  readonly limits: StackSpec['limits'];
}

export async function tryPolicies(
  trial: Trial,
  { dir, image, stack, limits }: PolicyPlace,
): Promise<Finding> {
  const where = relative(process.cwd(), dir) || dir;
  try {
    const set = await readPolicySet(dir);
    const place = { ...trial, stack, image, timeoutMs: TRIAL_PATIENCE_MS };
    const check = await unlessRefused(checkInContainer(place, set));
    if (check instanceof Refusal)
      return cannotRun(image, check, 'opa.image has to be an image of Open Policy Agent');
    if (check === undefined) return skipped(`${image} is not on the engine`);
    if (check.problems.length > 0)
      return joined(
        `${where} would be refused`,
        check.problems.map((problem) => fail(formatPolicyProblem(problem))),
      );
    const domains = set.domains.map(({ name }) => name);
    const unknown = unknownDomains(limits, domains);
    if (unknown.length > 0)
      return joined(
        'every step would be denied',
        unknown.map(({ sentence }) => fail(sentence)),
      );
    const well = `${domains.join(', ')} in ${where} compile and pass their tests; ${WHEN_ASKED}`;
    if (check.warnings.length === 0) return ok(well);
    return joined(
      well,
      check.warnings.map((warning) => warn(formatPolicyProblem(warning))),
    );
  } catch (error) {
    if (error instanceof PolicySetError)
      return fail(`${where}: ${error.message}`, 'mend it, or name another folder with --policies');
    throw error;
  }
}

const WHEN_ASKED =
  'whether they allow this manifest is asked before each step: swiftdeploy plan asks now, swiftdeploy policies explain says why';

/** The engine would not run the container: the image is none of what it should be. */
class Refusal {
  constructor(readonly why: string) {}
}

async function unlessRefused<T>(trial: Promise<T>): Promise<T | Refusal> {
  try {
    return await trial;
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return new Refusal(reasonOf(error));
  }
}

function cannotRun(image: string, { why }: Refusal, cure: string): Finding {
  return fail(cannotRunWords(image, why), cure);
}
