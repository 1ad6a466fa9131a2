/**
 * Follows one git repository: looks when something may have moved, and keeps the newest good revision on disk.
 * Whatever a look comes to, the next one follows, and what was good before stays. It applies nothing.
 */
import { Backoff } from '../backoff.js';
import { errorCode } from '../error-code.js';
import { FileTrigger } from '../triggers/file-trigger.js';
import { isLocal } from './address.js';
import { checkCredentials } from './credentials.js';
import { explainFailure, GitFailure } from './git-failure.js';
import {
  failedWords,
  fetchedWords,
  nextHealth,
  deletedWords,
  rewrittenWords,
  stillInForce,
} from './health.js';
import { Looker, type LookResult } from './look.js';
import { RepeatedLook } from './repeated-look.js';
import { shortCommit, type Deletion, type Revision } from './revision.js';
import { SourceError } from './source-error.js';
import type { Target } from './remote-refs.js';
import { afterGood, isSameNow, verifiedBy, type Good, type SourceNow } from './source-now.js';
import { SourceMemory } from './source-memory.js';
import type { SourceSpec } from './source-spec.js';
import { refPaths } from './repository-watch.js';

export type { SourceHealth } from './health.js';
export type { SourceNow } from './source-now.js';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** Of the poll's time, so that many controllers do not ask one server at once. */
const JITTER = 0.1;
const KEY = 'source';

export interface GitSourceOptions {
  readonly spec: SourceSpec;
  /** Ours alone, made if missing: `<state-dir>/source`. */
  readonly dir: string;
  /** Something in `now()` changed. */
  readonly onChange: () => void;
  /** The commit that a tick still reads: its folder is kept, however many follow. */
  readonly inUse?: () => string | undefined;
}

export class GitSource {
  readonly #options: GitSourceOptions;
  readonly #looker: Looker;
  readonly #memory: SourceMemory;
  readonly #backoff: Backoff;
  readonly #looks = new RepeatedLook((stopped) => this.#lookOnce(stopped));
  readonly #watch: FileTrigger | undefined;
  #now: SourceNow;
  #previous: string | undefined;
  /** The commit that settled last. */
  #settled: string | undefined;
  #clean = (text: string): string => text;
  /** The sentence of the revision in force. */
  #words = '';
  #isPrepared = false;

  constructor(options: GitSourceOptions) {
    const { spec, dir } = options;
    this.#options = options;
    this.#looker = new Looker(spec, dir);
    this.#memory = new SourceMemory(spec, dir);
    this.#backoff = new Backoff({
      baseMs: Math.min(spec.pollMs, FIRST_PAUSE_MS),
      maxMs: Math.max(spec.pollMs, LONGEST_PAUSE_MS),
    });
    if (isLocal(spec.url)) {
      this.#watch = new FileTrigger({ key: KEY, paths: refPaths(spec.url), pollMs: spec.pollMs });
    }
    const message = `${spec.url} was not looked at yet`;
    this.#now = { ready: { ok: false, reason: 'Starting', message, since: new Date().toISOString() } };
  }

  /** Takes up what an earlier life left, looks once, and from then on by itself. Never rejects for what a repository does. */
  async start(): Promise<void> {
    await this.#watch?.start(() => void this.look());
    await this.look();
  }

  /** Look now; returns when that look has ended. Looks that overlap are one more look. Never rejects. */
  look(): Promise<void> {
    return this.#looks.now();
  }

  now(): SourceNow {
    return this.#now;
  }

  /** The world is as `commit` says: what a later one changes counts from here. Never rejects. */
  async settled(commit: string): Promise<void> {
    const { revision, deletion } = this.#now;
    if (revision?.commit !== commit || this.#settled === commit) return;
    this.#settled = commit;
    // Forgotten, it only counts too many paths as changed.
    await this.#memory.save(revision, { isSettled: true, deletion }).catch(() => undefined);
  }

  #unsettled(): Revision | undefined {
    const { revision } = this.#now;
    return revision?.commit === this.#settled && revision !== undefined
      ? { ...revision, changedPaths: [] }
      : revision;
  }

  /** Ends what runs; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    const stopped = this.#looks.stop();
    await this.#watch?.stop();
    await stopped;
  }

  /** Milliseconds until the next look. */
  async #lookOnce(stopped: AbortSignal): Promise<number> {
    const time = AbortSignal.timeout(this.#options.spec.limits.timeoutMs);
    const signal = AbortSignal.any([time, stopped]);
    try {
      await this.#prepare(signal);
      this.#clean = await checkCredentials(this.#options.spec.credentials);
      const known = { applied: this.#unsettled(), deletion: this.#now.deletion };
      await this.#take(await this.#looker.look(known, signal), signal);
      return this.#pollPauseMs();
    } catch (error) {
      this.#fail(this.#explain(error, time));
      return this.#backoff.next(KEY);
    }
  }

  /** Once per life, and again until it works: the disk may be full at first. */
  async #prepare(signal: AbortSignal): Promise<void> {
    if (this.#isPrepared) return;
    await this.#looker.mirror.prepare(signal);
    const remembered = await this.#memory.read();
    const revision = remembered && (await this.#looker.restore(remembered.revision, signal));
    const { revisions } = this.#looker;
    if (revision === undefined) await revisions.unpoint();
    else {
      if (remembered?.isSettled === true) this.#settled = revision.commit;
      await this.#resume(revision, this.#options.spec.prune ? remembered?.deletion : undefined);
    }
    await revisions.keepOnly(new Set(revision && [revision.commit]));
    this.#isPrepared = true;
  }

  async #resume(revision: Revision, deletion: Deletion | undefined): Promise<void> {
    const { revisions } = this.#looker;
    await (deletion === undefined ? revisions.point(revision.commit) : revisions.unpoint());
    this.#words =
      deletion === undefined ? fetchedWords(revision) : deletedWords(deletion, this.#options.spec.path);
    this.#tell({ ...this.#now, revision, ...(deletion !== undefined && { deletion }) });
  }

  async #take(result: LookResult, signal: AbortSignal): Promise<void> {
    this.#backoff.reset(KEY);
    if (result.kind === 'new') return this.#adopt(result, signal);
    if (result.kind === 'deleted') return this.#remove(result.deletion);
    if (result.kind === 'same') return this.#tellGood({ message: this.#words });
    const { commit, subject } = result.facts;
    const { reason, message } = result.verification;
    const still = stillInForce(this.#now);
    this.#tellGood({
      message: `${shortCommit(commit)}: ${subject}`,
      verified: { ok: false, reason, message: `${shortCommit(commit)}: ${message}; ${still}` },
    });
  }

  /** The revision stays, for its policies are asked; what there is to see of it goes. */
  async #remove(deletion: Deletion): Promise<void> {
    const { revision } = this.#now;
    if (revision === undefined) return;
    await this.#memory.save(revision, { isSettled: revision.commit === this.#settled, deletion });
    await this.#looker.revisions.unpoint();
    this.#words = deletedWords(deletion, this.#options.spec.path);
    this.#tellGood({ message: this.#words, deletion, ...verifiedBy(deletion) });
  }

  /** Memory first: `current` and `now()` follow from it, also after a crash in between. */
  async #adopt(
    { revision, target }: Extract<LookResult, { kind: 'new' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const before = this.#now.revision;
    await this.#memory.save(revision, { isSettled: revision.commit === this.#settled });
    await this.#looker.revisions.point(revision.commit);
    this.#words = fetchedWords(revision);
    this.#tellGood({ message: this.#words, revision, ...verifiedBy(revision) });
    try {
      if (before !== undefined && before.commit !== revision.commit) {
        this.#previous = before.commit;
        await this.#noteRewriting(target, before, revision, signal);
      }
      await this.#tidy(revision, signal);
    } catch {
      // The revision is good and is told already: a note or a clean-up that fails waits for the next commit.
    }
  }

  async #noteRewriting(
    target: Target,
    before: Revision,
    { commit, ref }: Revision,
    signal: AbortSignal,
  ): Promise<void> {
    if (!(await this.#looker.mirror.isRewritten(target, before, commit, signal))) return;
    this.#words += rewrittenWords(ref, before);
    this.#tellGood({ message: this.#words });
  }

  async #tidy(revision: Revision, signal: AbortSignal): Promise<void> {
    const { mirror, revisions } = this.#looker;
    const kept = [revision.commit, this.#previous, this.#options.inUse?.()];
    await revisions.keepOnly(new Set(kept.filter((commit) => commit !== undefined)));
    await mirror.keep(revision.commit, signal);
    await mirror.tidy(signal);
  }

  #tellGood(good: Good): void {
    this.#tell(afterGood(this.#now, good, new Date().toISOString()));
  }

  #fail({ reason, message: why }: SourceError): void {
    if (this.#looks.isStopped) return;
    const message = failedWords(this.#options.spec, why, this.#now);
    const ready = nextHealth(this.#now.ready, { ok: false, reason, message }, new Date().toISOString());
    this.#tell({ ...this.#now, ready });
  }

  #tell(next: SourceNow): void {
    const before = this.#now;
    this.#now = next;
    if (!isSameNow(before, next)) this.#options.onChange();
  }

  #explain(error: unknown, time: AbortSignal): SourceError {
    if (time.aborted) {
      const seconds = String(this.#options.spec.limits.timeoutMs / 1000);
      return new SourceError('TimedOut', `the look took longer than ${seconds} s`);
    }
    if (error instanceof SourceError) return error;
    if (error instanceof GitFailure) return explainFailure(error, this.#clean);
    return new SourceError(
      'NotStored',
      `what was fetched cannot be kept or checked on this host (${errorCode(error)})`,
    );
  }

  #pollPauseMs(): number {
    const { pollMs } = this.#options.spec;
    return Math.round(pollMs * (1 - JITTER + Math.random() * 2 * JITTER));
  }
}
