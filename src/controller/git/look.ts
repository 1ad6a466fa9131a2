/**
 * One look at the repository: what does the server have, fetch it, is it trusted, is it whole, then lay it on the disk.
 * It decides nothing about when to look, and switches nothing over.
 */
import { metadataFingerprint } from '../triggers/fingerprint.js';
import { FetchOnce } from './fetch-once.js';
import { GitFailure } from './git-failure.js';
import { tooLarge } from './growth-guard.js';
import { refuseLfsPointers } from './lfs-pointers.js';
import { MAX_CHANGED_PATHS, Mirror } from './mirror.js';
import {
  chooseTarget,
  identityOf,
  isBranch,
  nameOf,
  nothingToFollow,
  refPatterns,
  type Target,
} from './remote-refs.js';
import { readLinks, Revisions } from './revisions.js';
import type { CommitFacts, Deletion, Revision } from './revision.js';
import type { RememberedRevision } from './source-memory.js';
import { SourceError } from './source-error.js';
import type { SourceSpec } from './source-spec.js';
import { isAbsent, refuseLinks, refuseTree, requireManifest, treeBytes } from './tree.js';
import { fetchSubmodules, layOut, wholeTree, type Part } from './submodules.js';
import { verifyRevision, type Verification } from './verify.js';

type Refusal = Extract<Verification, { ok: false }>;

export type LookResult =
  /** What is reconciled is what is to be reconciled. */
  | { readonly kind: 'same' }
  | { readonly kind: 'untrusted'; readonly facts: CommitFacts; readonly verification: Refusal }
  /** The manifest was deleted, and that removes the stack. */
  | { readonly kind: 'deleted'; readonly deletion: Deletion }
  | { readonly kind: 'new'; readonly revision: Revision; readonly target: Target };

/** What an earlier look, or an earlier life, has come to. */
export interface Known {
  /** The revision in force; its paths are those that have not settled yet. */
  readonly applied?: Revision | undefined;
  /** Of its manifest, by a later commit. */
  readonly deletion?: Deletion | undefined;
}

export class Looker {
  readonly mirror: Mirror;
  readonly revisions: Revisions;
  readonly #spec: SourceSpec;
  readonly #dir: string;
  readonly #keys: string | undefined;
  readonly #fetches: FetchOnce;
  /** What the last look ended with: nothing is asked twice about the same. */
  #settled = '';
  /** What the mirror was last made anew for. */
  #renewedFor: string | undefined;

  constructor(spec: SourceSpec, dir: string) {
    this.#spec = spec;
    this.#dir = dir;
    this.#keys = spec.verify?.keys;
    this.mirror = new Mirror(spec, dir);
    this.#fetches = new FetchOnce(this.mirror, spec.limits.maxBytes);
    this.revisions = new Revisions(dir, this.mirror.git);
  }

  /** Whether mirror and checkout are where they were put. */
  async isInPlace(applied: Revision | undefined): Promise<boolean> {
    return (await this.mirror.isThere()) && !(await this.#isLost(applied));
  }

  /** Makes mirror and checkout again where they are gone; whether the checkout is there then. Rejects where this host refuses. */
  async putInPlace(applied: Revision | undefined, signal: AbortSignal): Promise<boolean> {
    if (!(await this.mirror.isThere())) await this.#fetches.renew(signal);
    if (applied === undefined || !(await this.#isLost(applied))) return applied !== undefined;
    const { commit } = applied;
    try {
      await this.#fetches.fetch({ kind: 'commit', commit }, signal);
      await this.#materialise(commit, commit, signal);
      return true;
    } catch (error) {
      // A server that is away, or has it no more, is told by the look, which may find a commit that is newer.
      if (error instanceof GitFailure || error instanceof SourceError) return false;
      throw error;
    }
  }

  /** Compares the server with what is known; throws `SourceError` or what git said. */
  async look({ applied, deletion }: Known, signal: AbortSignal): Promise<LookResult> {
    const isLost = await this.#isLost(applied);
    if (!isLost && (await this.#isPinned(applied))) return { kind: 'same' };
    const target = await this.#target(signal);
    const settled = await this.#question(target);
    const last = deletion ?? applied;
    const isApplied = last?.ref === nameOf(target) && last.commit.startsWith(target.commit);
    if (!isLost && isApplied && settled === this.#settled) return { kind: 'same' };
    const result = await this.#fetchAndTake(target, applied, signal);
    this.#settled = settled;
    return result;
  }

  /** The revision of an earlier life: made again from the mirror where its folder is damaged; undefined where it cannot be had. */
  async restore(remembered: RememberedRevision, signal: AbortSignal): Promise<Revision | undefined> {
    const { commit } = remembered;
    if (this.#spec.verify !== undefined && remembered.signer === undefined) return undefined;
    try {
      return { ...remembered, dir: await this.#materialise(commit, commit, signal) };
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
    const isThere = await this.revisions.isThere(commit);
    return isThere ? { ...remembered, dir: this.revisions.folder(commit) } : undefined;
  }

  /** Without its manifest, a checkout is as good as gone. */
  async #isLost(applied: Revision | undefined): Promise<boolean> {
    return applied !== undefined && !(await this.revisions.has(applied.commit, this.#spec.path));
  }

  /** A commit never changes: once it is here, nobody needs to be asked. */
  async #isPinned(applied: Revision | undefined): Promise<boolean> {
    const { ref } = this.#spec;
    if (ref.kind !== 'name' || applied?.ref !== ref.name || !/^[0-9a-f]{40}$/.test(ref.name)) return false;
    return this.#settled === (await this.#question({ kind: 'commit', commit: ref.name }));
  }

  /** What is settled holds until the target moves or somebody touches the trusted keys. */
  async #question(target: Target): Promise<string> {
    const keys = this.#keys === undefined ? '' : await metadataFingerprint([this.#keys]);
    return [identityOf(target), keys].join(' ');
  }

  async #target(signal: AbortSignal): Promise<Target> {
    const { ref } = this.#spec;
    const target = chooseTarget(ref, await this.mirror.remoteRefs(refPatterns(ref), signal));
    if (target !== undefined) return target;
    throw nothingToFollow(ref, await this.mirror.remoteRefs([], signal));
  }

  /** Where the server answers and git fails, the mirror may be damaged: a new one is tried, once for a target. */
  async #fetchAndTake(
    target: Target,
    applied: Revision | undefined,
    signal: AbortSignal,
  ): Promise<LookResult> {
    const attempt = async () =>
      this.#take(target, await this.#fetches.fetch(target, signal), applied, signal);
    try {
      return await attempt();
    } catch (error) {
      const identity = identityOf(target);
      if (!(error instanceof GitFailure) || this.#renewedFor === identity) throw error;
      await this.#fetches.renew(signal);
      this.#renewedFor = identity;
      return attempt();
    }
  }

  async #take(
    target: Target,
    rev: string,
    applied: Revision | undefined,
    signal: AbortSignal,
  ): Promise<LookResult> {
    const facts = await this.mirror.describe(rev, signal);
    const verification = await this.#verify(facts.commit, target, signal);
    if (verification?.ok === false) return { kind: 'untrusted', facts, verification };
    const signer = verification?.ok === true ? { signer: verification.signer } : {};
    if (await this.#isDeletion(target, { rev, commit: facts.commit }, applied, signal))
      return { kind: 'deleted', deletion: { ...facts, ref: nameOf(target), ...signer } };
    const [dir, changedPaths] = await Promise.all([
      this.#materialise(facts.commit, rev, signal),
      this.#changedPaths(applied, facts.commit, signal),
    ]);
    const revision: Revision = {
      ...facts,
      ref: nameOf(target),
      ...(changedPaths !== undefined && { changedPaths }),
      ...signer,
      dir,
    };
    return { kind: 'new', revision, target };
  }

  /**
   * True where whoever follows a branch went on from the commit in force to one without the manifest. What was rewritten, or moved
   * to another place, is no word that the stack should go.
   */
  async #isDeletion(
    target: Target,
    { rev, commit }: { readonly rev: string; readonly commit: string },
    applied: Revision | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!this.#spec.prune || applied?.ref !== nameOf(target) || !isBranch(target)) return false;
    if (!isAbsent(this.#spec.path, await this.mirror.tree(rev, signal))) return false;
    return !(await this.mirror.isRewritten(target, applied, commit, signal));
  }

  /** Since the last commit that settled: what came in between counts, too. */
  async #changedPaths(
    applied: Revision | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    if (applied === undefined || applied.commit === commit) return applied?.changedPaths;
    return both(applied.changedPaths, await this.mirror.changedPaths(applied.commit, commit, signal));
  }

  async #verify(commit: string, target: Target, signal: AbortSignal): Promise<Verification | undefined> {
    if (this.#spec.verify === undefined) return undefined;
    const tag = target.kind === 'ref' ? target.tag : undefined;
    const subject = { commit, ...(tag !== undefined && { tag }) };
    return verifyRevision(this.mirror.gitDir, subject, this.#spec.verify, signal);
  }

  /** What the tree alone tells is judged first; then what only its files tell, before they get their name. */
  async #materialise(commit: string, rev: string, signal: AbortSignal): Promise<string> {
    const { path, limits, submodules } = this.#spec;
    const own = await this.mirror.tree(rev, signal);
    refuseTree(own, commit, submodules);
    const root: Part = { at: '', mirror: this.mirror, spec: this.#spec, commit, tree: own };
    const parts = await fetchSubmodules(root, this.#dir, signal);
    const tree = wholeTree([root, ...parts]);
    refuseTree(tree, commit, submodules);
    if (treeBytes(tree) > limits.maxBytes) throw tooLarge(limits.maxBytes);
    const check = async (aside: string) => {
      await layOut(parts, aside, signal);
      const links = await readLinks(aside, tree);
      refuseLinks(tree, links, commit);
      requireManifest(path, tree, links, commit);
      await refuseLfsPointers(aside, path, commit);
    };
    return this.revisions.make(commit, check, signal);
  }
}

/** What is not known of one is not known of both. */
function both(
  left: readonly string[] | undefined,
  right: readonly string[] | undefined,
): readonly string[] | undefined {
  if (left === undefined || right === undefined) return undefined;
  return [...new Set([...left, ...right])].slice(0, MAX_CHANGED_PATHS);
}
