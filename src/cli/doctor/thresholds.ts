/** The host's limits as the policies have them: read from the data that OPA decides by, tightened where the manifest does. */
import { parse } from 'yaml';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { readPolicySet } from '../../reconcilers/policy/policy-set.js';

export type Thresholds = Readonly<Record<string, number>>;

const DATA = /^infrastructure\/data\.(?:json|ya?ml)$/;

/** Empty where the folder has none, or cannot be read: `validate` says what is wrong with it. */
export async function hostThresholds(policies: string, stack: StackSpec | undefined): Promise<Thresholds> {
  const shipped = await policyThresholds(policies);
  const wanted = stack?.limits.infrastructure ?? {};
  return Object.fromEntries(
    Object.entries(shipped).map(([name, value]) => [name, stricter(name, value, wanted[name] ?? value)]),
  );
}

function stricter(name: string, left: number, right: number): number {
  return name.startsWith('min') ? Math.max(left, right) : Math.min(left, right);
}

async function policyThresholds(policies: string): Promise<Thresholds> {
  try {
    const { files } = await readPolicySet(policies);
    const data = files.find(({ path }) => DATA.test(path));
    return data === undefined ? {} : numbersIn(parse(data.content.toString('utf8')));
  } catch {
    return {};
  }
}

function numbersIn(data: unknown): Thresholds {
  const thresholds = (data as { readonly thresholds?: unknown } | null)?.thresholds;
  if (typeof thresholds !== 'object' || thresholds === null) return {};
  return Object.fromEntries(
    Object.entries(thresholds).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'number' ? [[name, value]] : [],
    ),
  );
}
