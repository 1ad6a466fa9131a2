/** Makes of a policy set what its container is given, and keeps the newest for whoever fills a container. */
import { createHash } from 'node:crypto';
import type { ContainerFile } from '../../reconcilers/docker/engine.js';
import type { PolicyRuntime } from '../../reconcilers/plan/templates.js';
import { tokenDigest } from '../../reconcilers/policy/authz-policy.js';
import { bundleFiles } from '../../reconcilers/policy/run-opa.js';
import { instanceToken } from '../../reconcilers/policy/instance-token.js';
import { opaServerArgs, policyBundle } from '../../reconcilers/policy/policy-bundle.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';

/** Stands for any container: what it would be given names the set and the key, and belongs to nobody. */
const ANY = '';

export class PolicyShelf {
  private newest: { readonly set: PolicySet; readonly runtime: PolicyRuntime } | undefined;

  /** `key`: the stack's; each engine's readers must show the token that is made of it for that engine. */
  constructor(private readonly key: string) {}

  /** Worked out once for a set: each tick asks. */
  serve(set: PolicySet): PolicyRuntime {
    if (this.newest?.set.revision !== set.revision) this.newest = { set, runtime: this.runtimeOf(set) };
    return this.newest.runtime;
  }

  /** Of the newest set, for the container with this id; none before one was served. */
  filesFor(containerId: string): readonly ContainerFile[] {
    return this.newest === undefined ? [] : this.bundle(this.newest.set, containerId);
  }

  private runtimeOf(set: PolicySet): PolicyRuntime {
    const digest = digestOf(this.bundle(set, ANY));
    return { revision: set.revision, digest, command: opaServerArgs() };
  }

  private bundle(set: PolicySet, containerId: string): readonly ContainerFile[] {
    return bundleFiles(policyBundle(set, tokenDigest(instanceToken(this.key, containerId))));
  }
}

function digestOf(files: readonly ContainerFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files) hash.update(`${path}:${String(content.length)}:`).update(content);
  return hash.digest('hex');
}
