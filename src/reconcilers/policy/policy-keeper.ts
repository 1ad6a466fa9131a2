/**
 * Decides which policy set decides: the folder's, once it passed its check in a throw-away container, else the last good one,
 * which survives restarts in the state directory. A set that fails is never half believed.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatPolicyProblem, TEST_TIMEOUT_CODE, type PolicyProblem } from './check-policies.js';
import { PolicySetError } from './policy-set-error.js';
import { readPolicySet, type PolicySet } from './policy-set.js';

export interface PolicyState {
  /** Absent when no set was ever good. */
  readonly active?: PolicySet;
  /** Why the folder's set is not the active one. */
  readonly problem?: { readonly reason: string; readonly message: string };
  /** What this look changed. */
  readonly change?:
    | { readonly event: 'policy_changed'; readonly revision: string; readonly files: readonly string[] }
    | { readonly event: 'policy_rejected'; readonly revision: string; readonly problems: readonly string[] };
}

export interface PolicyKeeperOptions {
  /** The folder that people edit. */
  readonly dir: string;
  readonly stateDir: string;
  /** Runs the whole check; absent when it cannot be run yet (no image). */
  readonly check: (set: PolicySet) => Promise<readonly PolicyProblem[] | undefined>;
}

export class PolicyKeeper {
  private active: PolicySet | undefined;
  private readonly rejected = new Map<string, readonly string[]>();

  constructor(private readonly options: PolicyKeeperOptions) {}

  /** The last good set of an earlier life, by revision. */
  async restore(revision: string | undefined): Promise<void> {
    if (revision === undefined || !/^[0-9a-f]{64}$/.test(revision)) return;
    const set = await readPolicySet(this.keptAt(revision)).catch(() => undefined);
    if (set?.revision === revision) this.active = set;
  }

  /** Looks at the folder; throws only for faults of the machine (engine, disk). */
  async look(): Promise<PolicyState> {
    const set = await this.read();
    if ('problem' in set) return this.keep(set.problem);
    if (set.revision === this.active?.revision) return { active: set };
    const known = this.rejected.get(set.revision);
    if (known !== undefined) return this.keep({ reason: 'PoliciesRejected', message: known.join('; ') });
    return this.tryOut(set);
  }

  private async read(): Promise<PolicySet | { problem: { reason: string; message: string } }> {
    try {
      return await readPolicySet(this.options.dir);
    } catch (error) {
      if (!(error instanceof PolicySetError)) throw error;
      return { problem: { reason: 'PoliciesUnreadable', message: error.message } };
    }
  }

  /** Before the image is there nothing can be checked, and nothing can decide either. */
  private async tryOut(set: PolicySet): Promise<PolicyState> {
    const problems = await this.check(set);
    if (typeof problems === 'string') return this.keep({ reason: 'CheckFailed', message: problems });
    if (problems === undefined) return { active: this.active ?? set };
    if (problems.some(({ code }) => code === TEST_TIMEOUT_CODE))
      return this.keep({ reason: 'CheckFailed', message: problems.map(formatPolicyProblem).join('; ') });
    if (problems.length > 0) return this.reject(set, problems.map(formatPolicyProblem));
    const files = changedFiles(this.active, set);
    await this.store(set);
    this.active = set;
    return { active: set, change: { event: 'policy_changed', revision: set.revision, files } };
  }

  /** A sentence when the check itself could not be carried out: it is tried again at the next look. */
  private async check(set: PolicySet): Promise<readonly PolicyProblem[] | string | undefined> {
    try {
      return await this.options.check(set);
    } catch (error) {
      return `the policies could not be checked: ${error instanceof Error ? error.message : 'unknown failure'}`;
    }
  }

  private reject(set: PolicySet, problems: readonly string[]): PolicyState {
    this.rejected.set(set.revision, problems);
    const state = this.keep({ reason: 'PoliciesRejected', message: problems.join('; ') });
    return { ...state, change: { event: 'policy_rejected', revision: set.revision, problems } };
  }

  private keep(problem: { reason: string; message: string }): PolicyState {
    return { ...(this.active === undefined ? {} : { active: this.active }), problem };
  }

  private keptAt(revision: string): string {
    return join(this.options.stateDir, 'policies', revision);
  }

  /** Written aside and renamed, so that a kept set is whole or not there. */
  private async store(set: PolicySet): Promise<void> {
    const target = this.keptAt(set.revision);
    const aside = `${target}.tmp`;
    await rm(aside, { recursive: true, force: true });
    for (const file of set.files) {
      const path = join(aside, file.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file.content);
    }
    await rm(target, { recursive: true, force: true });
    await rename(aside, target);
  }
}

function changedFiles(before: PolicySet | undefined, after: PolicySet): string[] {
  const content = (set: PolicySet | undefined) =>
    new Map(set?.files.map((file) => [file.path, file.content.toString('base64')]));
  const [old, now] = [content(before), content(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).sort();
}
