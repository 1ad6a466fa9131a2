/**
 * Decides which policy set decides: the folder's, once it passed its check in a throw-away container, else the last good one,
 * which survives restarts in the state directory. A set that fails is never half believed, and while one is on trial nobody waits
 * for it who can go by the one before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatPolicyProblem, TEST_TIMEOUT_CODE } from './check-policies.js';
import { FileMemory } from '../../controller/file-memory.js';
import type { PolicyArchive } from './policy-archive.js';
import { PolicySetError } from './policy-set-error.js';
import { readPolicySet, type PolicySet } from './policy-set.js';
import { PolicyTrial, type PolicyTrialOptions, type TrialResult } from './policy-trial.js';

export interface PolicyState {
  /** Absent when no set was ever good. */
  readonly active?: PolicySet;
  /** What the check of the active set warned of, one sentence each; absent for most. */
  readonly warnings?: readonly string[];
  /** Revision of the folder's set while it is not known whether it passes; absent when that is known. */
  readonly onTrial?: string;
  /** Why the folder's set is not the active one. */
  readonly problem?: { readonly reason: string; readonly message: string };
  /** What this look changed. */
  readonly change?:
    | { readonly event: 'policy_changed'; readonly revision: string; readonly files: readonly string[] }
    | {
        readonly event: 'policy_rejected';
        /** Absent for a folder that cannot be read as a set, and for a set whose check came to no end: the next one may pass it. */
        readonly revision?: string;
        readonly problems: readonly string[];
        /** No set was ever good: nothing is deployed until one is. */
        readonly nobody_decides?: true;
      };
}

export interface PolicyKeeperOptions extends PolicyTrialOptions {
  /** Of the sets that passed. */
  readonly archive: Pick<PolicyArchive, 'find' | 'keep' | 'warnings'>;
  /** Lets the writes of one save pass. */
  readonly pause?: () => Promise<unknown>;
}

/** Longer than the writes of one save lie apart. */
const SAVE_MS = 100;

type Problem = NonNullable<PolicyState['problem']>;

/** A set whose last trial could not be carried out. */
interface Untried {
  readonly revision: string;
  readonly problem: Problem;
  /** Tried again from then on; on `performance.now()`'s clock. */
  readonly againAtMs: number;
}

/** Times as long as a trial that came to no end took. It may be the host that was slow; one whose tests are endless must not keep a core busy. */
const FIRST_PAUSE_SHARE = 1;
const PAUSE_SHARE = 10;

export class PolicyKeeper {
  private active: PolicySet | undefined;
  private warnings: readonly string[] = [];
  private readonly rejected = new Map<string, readonly string[]>();
  private readonly memory = new FileMemory();
  private readonly trial: PolicyTrial;
  private untried: Untried | undefined;
  /** What is wrong with a folder that cannot be read, as it was told. */
  private unreadable: string | undefined;

  constructor(private readonly options: PolicyKeeperOptions) {
    this.trial = new PolicyTrial(options);
  }

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

  /** The first set is on trial, and the look that everything begins with waits for it. */
  get isFirstOnTrial(): boolean {
    return this.active === undefined && this.trial.isUnderWay;
  }

  /** Looks at the folder `dir`; throws only for faults of the machine (engine, disk). */
  async look(dir: string): Promise<PolicyState> {
    const set = await this.readSaved(dir);
    if ('problem' in set) return this.refuse(set.problem);
    this.unreadable = undefined;
    const isActive = set.revision === this.active?.revision;
    const known = this.rejected.get(set.revision);
    if (!isActive && known === undefined) return this.tryOut(set, dir);
    this.trial.giveUp();
    if (known === undefined) return this.state();
    return this.stay({ reason: 'PoliciesRejected', message: known.join('; ') });
  }

  /** What decides goes on, whatever the folder `dir` says; only before there was any is it looked at. */
  async hold(dir: string): Promise<PolicyState> {
    return this.active === undefined ? this.look(dir) : this.state();
  }

  /** Leaves nothing of what is on trial; whoever looks, or is looking, for a set that has to be tried gets `Closed`. */
  async close(): Promise<void> {
    await this.trial.close();
  }

  /** What lies between the writes of one save is no folder that anybody wrote. */
  private async readSaved(dir: string): Promise<PolicySet | { readonly problem: Problem }> {
    const seen = await read(dir, this.memory, this.active);
    if (!('problem' in seen) || seen.problem.message === this.unreadable) return seen;
    await (this.options.pause ?? (() => sleep(SAVE_MS)))();
    return read(dir, this.memory, this.active);
  }

  private refuse(problem: Problem): PolicyState {
    if (problem.message === this.unreadable) return this.stay(problem);
    this.unreadable = problem.message;
    return { ...this.stay(problem), change: this.rejection([problem.message]) };
  }

  /** One that was followed by another edit still gets its word: if it passes, it decides until the newest has passed. */
  private async tryOut(set: PolicySet, dir: string): Promise<PolicyState> {
    const known = this.untried?.revision === set.revision ? this.untried : undefined;
    if (known !== undefined && performance.now() < known.againAtMs) return this.stay(known.problem);
    const result = this.trial.take(set) ?? (await this.firstResult(set));
    const judged = result === undefined ? undefined : await this.judge(dir, result);
    if (judged !== undefined && result?.set.revision === set.revision) return judged;
    if (known !== undefined) return this.stay(known.problem);
    const { change } = judged ?? {};
    return { ...this.state(), onTrial: set.revision, ...(change === undefined ? {} : { change }) };
  }

  /** The first set is waited for: before it nobody decides anything. */
  private async firstResult(set: PolicySet): Promise<TrialResult | undefined> {
    if (this.active !== undefined) return undefined;
    await this.trial.ended;
    return this.trial.take(set);
  }

  /** Before the image is there nothing can be checked, and nothing can decide either. */
  private async judge(dir: string, { set, found, tookMs }: TrialResult): Promise<PolicyState> {
    if (found === undefined) return { active: set, ...this.state() };
    if (typeof found === 'string') return this.tryAgain(set, found, tookMs);
    const problems = found.problems.map(formatPolicyProblem);
    if (found.problems.some(({ code }) => code === TEST_TIMEOUT_CODE))
      return this.tryAgain(set, problems.join('; '), tookMs);
    if (problems.length === 0) return this.accept(set, found.warnings.map(formatPolicyProblem));
    if (await this.isStill(set, dir)) return this.reject(set, problems);
    return { ...this.state(), onTrial: set.revision };
  }

  /** What kept it may be over. */
  private tryAgain({ revision }: PolicySet, why: string, tookMs: number): PolicyState {
    const message = `${why}; the check is tried again`;
    const problem = { reason: 'CheckFailed', message };
    const known = this.untried?.revision === revision ? this.untried : undefined;
    const share = known === undefined ? FIRST_PAUSE_SHARE : PAUSE_SHARE;
    const pauseMs = this.active === undefined ? 0 : share * tookMs;
    this.untried = { revision, problem, againAtMs: performance.now() + pauseMs };
    if (known?.problem.message === message) return this.stay(problem);
    return { ...this.stay(problem), change: this.rejection([message]) };
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
    return { ...state, change: this.rejection(problems, set.revision) };
  }

  private rejection(problems: readonly string[], revision?: string): NonNullable<PolicyState['change']> {
    return {
      event: 'policy_rejected',
      ...(revision === undefined ? {} : { revision }),
      problems,
      ...(this.active === undefined ? { nobody_decides: true } : {}),
    };
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
