/** The folder of policies that a manifest names. Who is judged does not make the law: it counts where nothing else decides, and is told of where it does not. Pure. */
import { dirname, resolve } from 'node:path';
import type { StackSpec } from './stack-spec.js';

/** The part of a manifest that may name a folder of policies. */
export interface PolicyChoice {
  readonly policyEngine: Pick<StackSpec['policyEngine'], 'policiesDir'>;
}

/** Relative to the manifest; undefined where it names none. */
export function namedPolicies(manifest: string, { policyEngine }: PolicyChoice): string | undefined {
  const { policiesDir } = policyEngine;
  return policiesDir === undefined ? undefined : resolve(dirname(resolve(manifest)), policiesDir);
}

/** That it is not obeyed, for people; undefined where it is, or names none. */
export function unheardWords(manifest: string, choice: PolicyChoice, decides: string): string | undefined {
  const named = namedPolicies(manifest, choice);
  if (named === undefined || named === decides) return undefined;
  return `opa.policies_dir is not obeyed: ${decides} decides, and a manifest does not choose its law; --policies DIR does`;
}
