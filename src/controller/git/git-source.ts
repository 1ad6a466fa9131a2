/**
 * Follows one git repository: looks when something may have moved, and keeps the newest good revision on disk.
 * Whatever a look comes to, the next one follows, and what was good before stays. It applies nothing.
 */
import { Backoff } from '../backoff.js';
import { FileTrigger } from '../triggers/file-trigger.js';
import { isLocal } from './address.js';
import { checkCredentials } from './credentials.js';
import { tookTooLong, whyLookFailed } from './look-failure.js';
import { Looker, type LookResult } from './look.js';
import { RepeatedLook } from './repeated-look.js';
import { refPaths } from './repository-watch.js';
import type { Deletion, Revision } from './revision.js';
import type { SourceError } from './source-error.js';
import type { SourceNow } from './source-now.js';
import { SourceMemory } from './source-memory.js';
import type { SourceSpec } from './source-spec.js';
import { SourceTeller } from './source-teller.js';

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
  readonly #teller: SourceTeller;
  #previous: string | undefined;
  /** The commit that settled last. */
  #settled: string | undefined;
  #clean = (text: string): string => text;
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
    this.#teller = new SourceTeller(spec, options.onChange);
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
    return this.#teller.now;
  }

  /** The world is as `commit` says: what a later one changes counts from here. Never rejects. */
  async settled(commit: string): Promise<void> {
    const { revision, deletion } = this.now();
    if (revision?.commit !== commit || this.#settled === commit) return;
    this.#settled = commit;
    // Forgotten, it only counts too many paths as changed.
    await this.#memory.save(revision, { isSettled: true, deletion }).catch(() => undefined);
  }

  #unsettled(): Revision | undefined {
    const { revision } = this.now();
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
      await this.#putInPlace(signal);
      const known = { applied: this.#unsettled(), deletion: this.now().deletion };
      await this.#take(await this.#looker.look(known, signal), signal);
      return this.#pollPauseMs();
    } catch (error) {
      if (!stopped.aborted) this.#teller.failed(this.#explain(error, time));
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

  /** A person may have removed what an earlier look made. */
  async #putInPlace(signal: AbortSignal): Promise<void> {
    const { revision, deletion } = this.now();
    if (await this.#looker.isInPlace(revision)) return;
    const isThere = await this.#looker.putInPlace(revision, signal);
    if (revision === undefined) return;
    await this.#memory.save(revision, { isSettled: revision.commit === this.#settled, deletion });
    if (!isThere) return;
    // Another value, though of the same commit: it is news that its files are there.
    await this.#resume({ ...revision }, deletion);
  }

  async #resume(revision: Revision, deletion: Deletion | undefined): Promise<void> {
    const { revisions } = this.#looker;
    await (deletion === undefined ? revisions.point(revision.commit) : revisions.unpoint());
    this.#teller.resumed(revision, deletion);
  }

  async #take(result: LookResult, signal: AbortSignal): Promise<void> {
    this.#backoff.reset(KEY);
    if (result.kind === 'new') return this.#adopt(result, signal);
    if (result.kind === 'deleted') return this.#remove(result.deletion);
    if (result.kind === 'same') return this.#teller.same();
    this.#teller.untrusted(result);
  }

  /** The revision stays, for its policies are asked; what there is to see of it goes. */
  async #remove(deletion: Deletion): Promise<void> {
    const { revision } = this.now();
    if (revision === undefined) return;
    await this.#memory.save(revision, { isSettled: revision.commit === this.#settled, deletion });
    await this.#looker.revisions.unpoint();
    this.#teller.deleted(deletion);
  }

  /** Memory first: `current` and `now()` follow from it, also after a crash in between. */
  async #adopt(found: Extract<LookResult, { kind: 'new' }>, signal: AbortSignal): Promise<void> {
    const { revision } = found;
    const before = this.now().revision;
    await this.#memory.save(revision, { isSettled: revision.commit === this.#settled });
    await this.#looker.revisions.point(revision.commit);
    this.#teller.adopted(revision);
    try {
      if (before !== undefined && before.commit !== revision.commit) {
        this.#previous = before.commit;
        await this.#noteRewriting(found, before, signal);
      }
      await this.#tidy(revision, signal);
    } catch {
      // The revision is good and is told already: a note or a clean-up that fails waits for the next commit.
    }
  }

  async #noteRewriting(
    { revision, target }: Extract<LookResult, { kind: 'new' }>,
    before: Revision,
    signal: AbortSignal,
  ): Promise<void> {
    const isRewritten = await this.#looker.mirror.isRewritten(target, before, revision.commit, signal);
    if (isRewritten) this.#teller.rewritten(revision.ref, before);
  }

  async #tidy(revision: Revision, signal: AbortSignal): Promise<void> {
    const { mirror, revisions } = this.#looker;
    const kept = [revision.commit, this.#previous, this.#options.inUse?.()];
    await revisions.keepOnly(new Set(kept.filter((commit) => commit !== undefined)));
    await mirror.keep(revision.commit, signal);
    await mirror.tidy(signal);
  }

  #explain(error: unknown, time: AbortSignal): SourceError {
    const { timeoutMs } = this.#options.spec.limits;
    return time.aborted ? tookTooLong(timeoutMs) : whyLookFailed(error, this.#clean);
  }

  #pollPauseMs(): number {
    const { pollMs } = this.#options.spec;
    return Math.round(pollMs * (1 - JITTER + Math.random() * 2 * JITTER));
  }
}
