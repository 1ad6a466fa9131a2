/** Makes of a policy set what its container is given, and keeps the files of the newest for whoever fills the container. */
import { createHash } from 'node:crypto';
import type { ContainerFile } from '../../reconcilers/docker/engine.js';
import type { PolicyRuntime } from '../../reconcilers/plan/templates.js';
import { tokenDigest } from '../../reconcilers/policy/authz-policy.js';
import { bundleFiles } from '../../reconcilers/policy/check-container.js';
import { opaServerArgs, policyBundle } from '../../reconcilers/policy/policy-bundle.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';

export class PolicyShelf {
  private newest: readonly ContainerFile[] = [];

  /** `token`: what readers of decisions must show. */
  constructor(private readonly token: string) {}

  serve(set: PolicySet): { readonly runtime: PolicyRuntime; readonly files: readonly ContainerFile[] } {
    const files = bundleFiles(policyBundle(set, tokenDigest(this.token)));
    this.newest = files;
    return {
      runtime: { revision: set.revision, digest: digestOf(files), command: opaServerArgs() },
      files,
    };
  }

  files(): readonly ContainerFile[] {
    return this.newest;
  }
}

function digestOf(files: readonly ContainerFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files) hash.update(`${path}:${String(content.length)}:`).update(content);
  return hash.digest('hex');
}
