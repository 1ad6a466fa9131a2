/** Whether a promotion makes sense: what is refused with a sentence, and what else it would deploy. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Mode, ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { hasFailed } from '../../reconcilers/plan/goals.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';

export interface Promotion {
  readonly service: string;
  readonly mode: Mode;
}

/** Why not, with the cure; undefined when nothing speaks against it. */
export function whyNot(
  { services }: StackSpec,
  { service, mode }: Promotion,
  memory: StackMemory,
): string | undefined {
  const spec = services.find(({ name }) => name === service);
  if (spec === undefined) return undefined;
  const known = memory.services[service] ?? {};
  const { stable, canary, failed } = known;
  if (failed !== undefined && hasFailed({ ...spec, mode }, known))
    return `${failed.message}; what failed is not tried again as it is: another version, or "swiftdeploy rollout retry"`;
  if (mode === 'stable' || spec.mode === 'canary') return undefined;
  if (spec.route === undefined)
    return `${service} has no route: nobody could be sent to its canary. Give it a route, or change its version in mode stable`;
  if (stable === undefined && canary === undefined)
    return `${service} was never deployed from here, and a canary needs a stable version beside it: "swiftdeploy deploy" first`;
  return undefined;
}

/**
 * What the manifest changes beside the mode, by name, since `known` was the last good one. A canary's own new version is what a
 * canary is for; a version that never was a canary is not what `promote stable` is for.
 */
export function otherChanges(known: StackSpec, next: StackSpec, { service, mode }: Promotion): string[] {
  const parts = ['name', 'contact', 'network', 'proxy', 'policyEngine', 'limits'] as const;
  const sections = parts.filter((part) => !same(known[part], next[part])).map((part) => WORDS[part]);
  const before = new Map(known.services.map((spec) => [spec.name, spec]));
  const changed = next.services.filter(
    (spec) =>
      !same(modeless(before.get(spec.name)), modeless(spec)) && !(spec.name === service && mode === 'canary'),
  );
  const gone = known.services.filter(({ name }) => !next.services.some((spec) => spec.name === name));
  return [...sections, ...[...changed, ...gone].map(({ name }) => `service ${name}`)];
}

const WORDS = {
  name: 'name',
  contact: 'contact',
  network: 'network',
  proxy: 'nginx',
  policyEngine: 'opa',
  limits: 'policy',
} as const;

function modeless(spec: ServiceSpec | undefined): unknown {
  return spec === undefined ? undefined : { ...spec, mode: undefined };
}

/** As JSON, because one of them comes from a file. */
function same(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(asJson(left), asJson(right));
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
