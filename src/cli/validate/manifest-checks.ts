/** What the manifest alone can tell: is it YAML, does it obey the schema, is all there that has to be, who is reachable. */
import { formatProblem, type ManifestProblem } from '../../reconcilers/desired/manifest-problem.js';
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { fail, joined, ok, skipped, warn, type Finding } from '../checks/finding.js';
import type { ManifestLook } from '../checks/manifest-look.js';

const CURE_MISSING = 'go to the directory that has it, or name it with -f';
const CURE_UNREADABLE =
  'name with -f a plain file that you may read; what a command prints is saved to one first';

/** Every error but the missing fields, which have a line of their own, and every warning. */
export function judgeManifest({ path, isThere, isMissing, problems }: ManifestLook): Finding {
  if (!isThere)
    return fail(problems.map(formatProblem).join('\n'), isMissing === true ? CURE_MISSING : CURE_UNREADABLE);
  const told = problems.filter(({ rule }) => rule !== 'required');
  const errors = told.filter(({ severity }) => severity === 'error').length;
  const items = told.map(problemFinding);
  if (errors > 0) return joined(`${path} has ${counted(errors, 'error')}`, items);
  const well = `${path} is valid YAML and obeys the schema`;
  return items.length === 0 ? ok(well) : joined(`${well}, with ${counted(items.length, 'warning')}`, items);
}

function problemFinding(problem: ManifestProblem): Finding {
  return problem.severity === 'error' ? fail(formatProblem(problem)) : warn(formatProblem(problem));
}

export function judgeFields({ isMissing, outline, problems }: ManifestLook): Finding {
  if (isMissing === true) return skipped('there is no manifest');
  if (outline === undefined) return skipped('the manifest cannot be read');
  const missing = problems.filter(({ rule }) => rule === 'required');
  if (missing.length === 0) return ok('every required field is there');
  return joined(`${counted(missing.length, 'required field')} missing`, missing.map(problemFinding));
}

/** What answers where; two services on one address are an error of the manifest. */
export function judgeRoutes({ proxy, services }: StackSpec): Finding {
  const routed = services.filter(({ route }) => route !== undefined);
  if (routed.length === 0)
    return warn(
      `nothing is reachable on port ${String(proxy.port)}: no service has a route`,
      'give one a route, as: route: { path: / }',
    );
  return ok(routed.map(routeWords).join(', '));
}

function routeWords({ name, route, container }: ServiceSpec): string {
  return `${route?.host ?? ''}${route?.path ?? ''} → ${name}:${String(container.port)}`;
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
