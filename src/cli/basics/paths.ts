/** Where a stack's files are, from the options that every command takes. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageFile } from '../../package-files.js';
import { namedPolicies, type PolicyChoice } from '../../reconcilers/desired/named-policies.js';

export interface CommonOptions {
  readonly manifest: string;
  readonly stateDir?: string;
  readonly policies?: string;
}

export interface StackPaths {
  readonly manifest: string;
  readonly stateDir: string;
  readonly status: string;
  readonly history: string;
  readonly generated: string;
}

export const SHIPPED_POLICIES = packageFile('policies');

/** Status and history stand beside the manifest. */
export function stackPaths(options: CommonOptions): StackPaths {
  const manifest = resolve(options.manifest);
  const beside = (name: string) => join(dirname(manifest), name);
  return {
    manifest,
    stateDir: resolve(options.stateDir ?? beside('.swiftdeploy')),
    status: beside('status.json'),
    history: beside('history.jsonl'),
    generated: beside('generated'),
  };
}

/** The folder that decides: `--policies`, else `policies/` beside the manifest, else the one that the manifest names, else the shipped ones. */
export function policiesDir(options: CommonOptions, stack: PolicyChoice): string {
  const own = ownPoliciesDir(options);
  if (options.policies !== undefined || existsSync(own)) return own;
  return namedPolicies(options.manifest, stack) ?? SHIPPED_POLICIES;
}

/** Of the folder beside the file that a linked manifest leads to, where somebody may think that it decides: the shipped ones do. */
export function overlookedWords(options: CommonOptions, stack: PolicyChoice): string | undefined {
  const isNamed = options.policies !== undefined || namedPolicies(options.manifest, stack) !== undefined;
  if (isNamed || existsSync(ownPoliciesDir(options)) || !existsSync(options.manifest)) return undefined;
  const beside = join(dirname(realpathSync(options.manifest)), 'policies');
  if (!existsSync(beside) || beside === SHIPPED_POLICIES) return undefined;
  return `${beside} is not used: the manifest is a link, and what stands beside the link counts, as for Compose; --policies names another folder`;
}

/** The folder that people write, there or not. */
export function ownPoliciesDir({ manifest, policies }: CommonOptions): string {
  return resolve(policies ?? join(dirname(resolve(manifest)), 'policies'));
}
