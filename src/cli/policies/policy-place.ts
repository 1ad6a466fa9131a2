/** What an author's commands need of the manifest: which folder, which image, whose stack. Works with a manifest that has errors, or none. */
import { DEFAULT_POLICY_IMAGE } from '../../reconcilers/desired/manifest-schema.js';
import type { PolicyChoice } from '../../reconcilers/desired/named-policies.js';
import { lookAtManifest, type ManifestLook } from '../checks/manifest-look.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';

export interface PolicyPlace {
  readonly look: ManifestLook;
  readonly choice: PolicyChoice;
  /** Of OPA. */
  readonly image: string;
  readonly stack: string;
}

export async function policyPlace(options: CommonOptions): Promise<PolicyPlace> {
  const look = await lookAtManifest(stackPaths(options).manifest);
  const { policiesDir, policyImage = DEFAULT_POLICY_IMAGE, name = 'swiftdeploy' } = look.outline ?? {};
  const policyEngine = policiesDir === undefined ? {} : { policiesDir };
  return { look, choice: { policyEngine }, image: policyImage, stack: name };
}
