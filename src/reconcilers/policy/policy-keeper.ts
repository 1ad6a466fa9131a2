/**
 * Decides which policy set decides: the folder's, once it passed its check in a throw-away container, else the last good one,
 * which survives restarts in the state directory. A set that fails is never half believed, and while one is on trial nobody waits
 * for it who can go by the one before.
 */
import { formatPolicyProblem, TEST_TIMEOUT_CODE, type PolicyCheck } from './check-policies.js';
import { FileMemory } from './file-memory.js';
import type { PolicyArchive } from './policy-archive.js';
import { PolicySetError } from './policy-set-error.js';
import { readPolicySet, type PolicySet } from './policy-set.js';

export interface PolicyState {
  /** Absent when no set was ever good. */
  readonly active?: PolicySet;
  /** What the active set lets through that it should not, one sentence each; absent for most. */
  readonly warnings?: readonly string[];
  /** Revision of the folder's set while it is not known whether it passes; absent when that is known. */
  readonly onTrial?: string;
  /** Why the folder's set is not the active one. */
  readonly problem?: { readonly reason: string; readonly message: string };
  /** What this look changed. */
  readonly change?:
    | { readonly event: 'policy_changed'; readonly revision: string; readonly files: readonly string[] }
    | { readonly event: 'policy_rejected'; readonly revision: string; readonly problems: readonly string[] };
}

export interface PolicyKeeperOptions {
  /** Of the sets that passed. */
  readonly archive: Pick<PolicyArchive, 'find' | 'keep' | 'warnings'>;
  /** Runs the whole check; absent when it cannot be run yet (no image). */
  readonly check: (set: PolicySet, signal: AbortSignal) => Promise<PolicyCheck | undefined>;
  /** A trial has ended: the next look tells how. */
  readonly onTried?: () => void;
}

type Problem = NonNullable<PolicyState['problem']>;
/** A sentence when the check itself could not be carried out. */
type Found = PolicyCheck | string | undefined;

interface Trial {
  readonly revision: string;
  readonly stop: AbortController;
  result?: { readonly found: Found };
}

export class PolicyKeeper {
  private active: PolicySet | undefined;
  private warnings: readonly string[] = [];
  private readonly rejected = new Map<string, readonly string[]>();
  private readonly memory = new FileMemory();
  private trial: Trial | undefined;
  /** Of the newest trial: by then nothing is left of it. */
  private ended: Promise<void> = Promise.resolve();
  /** Of the set whose last trial could not be carried out: it is tried again, and says so until it is known. */
  private untried: { readonly revision: string; readonly problem: Problem } | undefined;

  constructor(private readonly options: PolicyKeeperOptions) {}

  /** The last good set of an earlier life, by revision. */
  async restore(revision: string | undefined): Promise<void> {
    if (revision === undefined) return;
    const { archive } = this.options;
    this.active = await archive.find(revision);
    this.warnings = this.active === undefined ? [] : await archive.warnings(revision);
  }

  /** A set that passed its check, now or in an earlier life. */
  async passed(revision: string): Promise<PolicySet | undefined> {
    return this.options.archive.find(revision);
  }

  /** Looks at the folder `dir`; throws only for faults of the machine (engine, disk). */
  async look(dir: string): Promise<PolicyState> {
    const set = await read(dir, this.memory, this.active);
    if ('problem' in set) return this.stay(set.problem);
    if (set.revision !== this.trial?.revision) this.giveUp();
    if (set.revision === this.active?.revision) return this.state();
    const known = this.rejected.get(set.revision);
    if (known !== undefined) return this.stay({ reason: 'PoliciesRejected', message: known.join('; ') });
    return this.tryOut(set, dir);
  }

  /** Leaves nothing of what is on trial. */
  async close(): Promise<void> {
    this.giveUp();
    await this.ended;
  }

  private giveUp(): void {
    this.trial?.stop.abort();
    this.trial = undefined;
  }

  /** The first set is waited for: before it nobody decides anything. */
  private async tryOut(set: PolicySet, dir: string): Promise<PolicyState> {
    const trial = (this.trial ??= this.begin(set));
    if (this.active === undefined) await this.ended;
    if (trial.result !== undefined) {
      this.trial = undefined;
      return this.judge(set, dir, trial.result.found);
    }
    if (this.untried?.revision === set.revision) return this.stay(this.untried.problem);
    return { ...this.state(), onTrial: set.revision };
  }

  /** After the one before: two at a time would remove each other's containers. */
  private begin(set: PolicySet): Trial {
    const trial: Trial = { revision: set.revision, stop: new AbortController() };
    this.ended = this.ended.then(async () => {
      trial.result = { found: await this.check(set, trial.stop.signal) };
      if (!trial.stop.signal.aborted) this.options.onTried?.();
    });
    return trial;
  }

  /** Before the image is there nothing can be checked, and nothing can decide either. */
  private async judge(set: PolicySet, dir: string, found: Found): Promise<PolicyState> {
    if (found === undefined) return { active: set, ...this.state() };
    if (typeof found === 'string') return this.tryAgain(set, found);
    const problems = found.problems.map(formatPolicyProblem);
    if (found.problems.some(({ code }) => code === TEST_TIMEOUT_CODE))
      return this.tryAgain(set, problems.join('; '));
    if (problems.length === 0) return this.accept(set, found.warnings.map(formatPolicyProblem));
    if (await this.isStill(set, dir)) return this.reject(set, problems);
    return { ...this.state(), onTrial: set.revision };
  }

  private async check(set: PolicySet, signal: AbortSignal): Promise<Found> {
    try {
      signal.throwIfAborted();
      return await this.options.check(set, signal);
    } catch (error) {
      return `the policies could not be checked: ${error instanceof Error ? error.message : 'unknown failure'}`;
    }
  }

  /** At the next look: what kept it may be over. */
  private tryAgain({ revision }: PolicySet, message: string): PolicyState {
    this.untried = { revision, problem: { reason: 'CheckFailed', message } };
    return this.stay(this.untried.problem);
  }

  private async accept(set: PolicySet, warnings: readonly string[]): Promise<PolicyState> {
    const files = changedFiles(this.active, set);
    await this.options.archive.keep(set, warnings);
    this.active = set;
    this.warnings = warnings;
    return { ...this.state(), change: { event: 'policy_changed', revision: set.revision, files } };
  }

  /** A save that was half done when we read it is no set that anybody wrote: the whole one is tried at the next look. */
  private async isStill({ revision }: PolicySet, dir: string): Promise<boolean> {
    const now = await read(dir, this.memory);
    return 'problem' in now || now.revision === revision;
  }

  private reject(set: PolicySet, problems: readonly string[]): PolicyState {
    this.rejected.set(set.revision, problems);
    const state = this.stay({ reason: 'PoliciesRejected', message: problems.join('; ') });
    return { ...state, change: { event: 'policy_rejected', revision: set.revision, problems } };
  }

  private stay(problem: Problem): PolicyState {
    return { ...this.state(), problem };
  }

  private state(): PolicyState {
    const { active, warnings } = this;
    return { ...(active === undefined ? {} : { active }), ...(warnings.length === 0 ? {} : { warnings }) };
  }
}

async function read(
  dir: string,
  memory: FileMemory,
  known?: PolicySet,
): Promise<PolicySet | { problem: Problem }> {
  try {
    return await readPolicySet(dir, known, memory);
  } catch (error) {
    if (!(error instanceof PolicySetError)) throw error;
    return { problem: { reason: 'PoliciesUnreadable', message: error.message } };
  }
}

function changedFiles(before: PolicySet | undefined, after: PolicySet): string[] {
  const content = (set: PolicySet | undefined) =>
    new Map(set?.files.map((file) => [file.path, file.content.toString('base64')]));
  const [old, now] = [content(before), content(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).sort();
}
