/** What is put into an OPA container (a bundle directory) and how OPA is started on it. Pure: no file is read or written here. */
import { authzPolicy, openAuthzPolicy } from './authz-policy.js';
import { proofPolicy } from './engine-proof.js';
import type { PolicyFile } from './policy-files.js';
import { isTestFile, type PolicySet } from './policy-set.js';

/** Where the bundle lies inside the container. */
export const BUNDLE_DIR = '/bundle';

/** OPA's port inside the container. */
export const OPA_PORT = 8181;

const AUTHENTICATION = '--authentication=token';
/** OPA names its decisions only where it keeps a log of them; ours is the history, so nothing is written into that one. */
const DECISION_LOG = '--set=decision_logs.console=true';
const NO_DECISION_LOG: PolicyFile = {
  path: 'system/log.rego',
  content: Buffer.from('package system.log\n\ndrop := true\n'),
};

/** Files relative to `BUNDLE_DIR` for an OPA that serves this set to the owner of the token with this SHA-256; tests are left out. */
export function policyBundle(set: PolicySet, tokenSha256: string): PolicyFile[] {
  const proof = { path: 'system/proof.rego', content: Buffer.from(proofPolicy(tokenSha256)) };
  return [...servedFiles(set), ...ownFiles(set.revision, authzPolicy(tokenSha256)), proof, NO_DECISION_LOG];
}

/** The same for whoever reaches an OPA started with `openOpaServerArgs`. */
export function openPolicyBundle(set: PolicySet): PolicyFile[] {
  return [...servedFiles(set), ...ownFiles(set.revision, openAuthzPolicy())];
}

/** Files relative to `BUNDLE_DIR` for a throw-away check of the set: as it would be served, with its tests. */
export function policyCheckBundle(set: PolicySet): PolicyFile[] {
  return [...set.files, ...ownFiles(set.revision, authzPolicy('checked-without-a-token')), NO_DECISION_LOG];
}

/** Arguments after the image's `opa` entry point; `--skip-version-check` keeps OPA from calling home. */
export function opaServerArgs(logLevel: 'error' | 'info' = 'error'): string[] {
  return [
    'run',
    '--server',
    `--addr=0.0.0.0:${OPA_PORT}`,
    AUTHENTICATION,
    '--authorization=basic',
    `--log-level=${logLevel}`,
    '--skip-version-check',
    DECISION_LOG,
    '--bundle',
    BUNDLE_DIR,
  ];
}

/** The same for an OPA that asks nobody for a token, and whose decisions nobody writes down. */
export function openOpaServerArgs(): string[] {
  return opaServerArgs().filter((arg) => arg !== AUTHENTICATION && arg !== DECISION_LOG);
}

function servedFiles(set: PolicySet): PolicyFile[] {
  return set.files.filter((file) => !isTestFile(file.path));
}

/** The empty root claims all of `data`: nothing can be written beside the bundle, and a second bundle cannot be loaded. */
function ownFiles(revision: string, authz: string): PolicyFile[] {
  return [
    { path: '.manifest', content: Buffer.from(JSON.stringify({ revision, roots: [''] })) },
    { path: 'system/authz.rego', content: Buffer.from(authz) },
  ];
}
