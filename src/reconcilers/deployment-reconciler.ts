/**
 * One tick: read → observe → plan → gate and apply → report. Every tick starts from a fresh observation and owes nothing to the
 * one before; what depends on a result waits for the next. The phases between read and report stand in `tick.ts`.
 */
import type { Condition } from '../controller/conditions.js';
import type { Outcome } from '../controller/outcome.js';
import { BlockerBook } from './blocker-book.js';
import { loadOnce } from './desired/load-once.js';
import { refusedCreations, type StepResult } from './apply/apply.js';
import { EngineUnreachable } from './docker/engine-errors.js';
import { lookAtManifest, withUnheard, type ManifestLook } from './manifest-keeper.js';
import type { Finding } from './plan/plan-input.js';
import { withRetry } from './plan/memory.js';
import { StackReporter } from './report/stack-reporter.js';
import type { TickResult } from './report/tick-result.js';
import type { StackParts } from './stack-parts.js';
import { forgotten, type StackState } from './stack-state.js';
import { isFollowedSoon, outcomeOf } from './tick-outcome.js';
import type { ToldRevision } from './policy/source-fact.js';
import type { SourceSight } from './stack-source.js';
import { manifestNow, runTick, type Tick, type TickParts } from './tick.js';
import { ScrapeStory } from './traffic/scrape-story.js';
import { scrapedServices } from './traffic/targets.js';
import type { Looked } from './traffic/traffic-monitor.js';

export class DeploymentReconciler {
  private readonly reporter: StackReporter;
  private lastResyncAt = 0;
  private streak = 0;
  private refusal: unknown;
  private isFirst = true;
  private readonly load = loadOnce();
  private readonly blockers = new BlockerBook();
  private readonly scrapes = new ScrapeStory();

  constructor(
    private readonly parts: StackParts,
    private state: StackState,
    conditions: readonly Condition[],
  ) {
    if (state.stack !== undefined && state.stack.name !== parts.stackName) this.state = forgotten(state);
    this.reporter = new StackReporter(parts, conditions);
    parts.traffic.onRound = (looked, changed) => this.tellTraffic(looked, changed);
  }

  /** What was decided in the last tick, for commands that wait for an end. */
  get lastReport(): StackReporter['last'] {
    return this.reporter.last;
  }

  /** Resolves when the last report is on the disk, or was refused by it. */
  get told(): Promise<unknown> {
    return this.reporter.told;
  }

  /** Why the last report is not on the disk; undefined while nothing refused it. */
  get unwritten(): unknown {
    return this.refusal;
  }

  /** Somebody else has a name or a port that the stack needs. */
  isBlocked(): boolean {
    return this.reporter.last?.facts.findings.some(({ kind }) => kind === 'foreign') ?? false;
  }

  async reconcile(_key: string, signal: AbortSignal): Promise<Outcome> {
    const now = Date.now();
    this.resync(now);
    const retry = await this.takeRetry();
    const source = this.parts.source.now();
    const place = { path: this.parts.manifestPath, file: source.manifest };
    const read = await lookAtManifest(place, this.state, this.parts.stackName, this.load);
    const look = withUnheard(read, source);
    if (look.unsettled) return { kind: 'waiting', afterMs: SETTLE_MS };
    const revision = look.state.valid ? source.git?.revision : this.state.revision;
    this.parts.source.hold(revision);
    const parts = this.tickParts(source, look);
    const suspends = await this.parts.suspends.look(look.stack, now);
    const isRemoved = source.git?.deletion !== undefined;
    const { isFirst } = this;
    const start = { now, signal, look, suspends, isRemoved, isFirst, results: [] };
    const tick = await runTick(parts, start, this.state);
    this.isFirst &&= tick.world === undefined;
    if (tick.outdated !== undefined) this.state = forgotten(this.state);
    this.blockers.note(tick.results, tick);
    if (tick.plan !== undefined) this.parts.traffic.watch(scrapedServices(tick.plan.services));
    const result = { ...tickResult(tick, this.blockers.findings()), ...sourceOf(source, revision) };
    await this.report(result, retry);
    if (tick.failure !== undefined) throw new EngineUnreachable(tick.failure);
    const outcome = outcomeOf({ ...result, streak: this.streak });
    if (outcome.kind === 'settled' && !isRemoved) await this.noteSettled(look);
    return outcome;
  }

  /** Who waits for a replica's health does not wait for the disk: what it refuses is written, and told, with the next report. */
  private async report(result: TickResult, retry: boolean): Promise<void> {
    const { state, written } = this.reporter.report(result, this.state);
    this.state = state;
    const changed = result.results.some(({ kind }) => kind === 'done');
    this.streak = changed ? this.streak + 1 : 0;
    const told = retry ? written.then(() => this.parts.retryFile.remove()) : written;
    const noted = told.then(
      () => (this.refusal = undefined),
      (error: unknown) => (this.refusal = error),
    );
    const isLeftToTheNext = changed || (isFollowedSoon(result) && this.refusal === undefined);
    if (!isLeftToTheNext) await Promise.all([told, noted]);
  }

  /** True when there was a request; a crash before it is removed tries once more at worst. */
  private async takeRetry(): Promise<boolean> {
    const retry = await this.parts.retryFile.read();
    if (retry !== undefined) this.state = { ...this.state, memory: withRetry(this.state.memory, retry) };
    return retry !== undefined;
  }

  private async noteSettled(look: ManifestLook): Promise<void> {
    await this.parts.overrides.settled(manifestNow(look));
    if (look.state.valid) await this.parts.source.settled();
  }

  /** A commit counts as a whole: with a manifest that is refused, its policies are not taken either. */
  private tickParts(source: SourceSight, { state }: ManifestLook): TickParts {
    const { keeper } = this.parts;
    const isRefused = source.git !== undefined && !state.valid;
    return {
      ...this.parts,
      keeper: {
        look: (stack) => {
          const dir = source.policiesFor(stack);
          return isRefused ? keeper.hold(dir) : keeper.look(dir);
        },
        passed: (revision) => keeper.passed(revision),
      },
      onResult: (result) => noteResult(this.parts, result),
    };
  }

  private tellTraffic(looked: readonly Looked[], changed: boolean): void {
    const traffic = this.parts.traffic.known();
    const words = this.reporter.policyWords();
    const events = looked.flatMap(({ service, nowMs }) => this.scrapes.tell(service, traffic, words, nowMs));
    if (changed || events.length > 0) void this.reporter.retell(traffic, events);
  }

  /** What no event tells (a file edited inside the proxy, an event that got lost) is looked for now and then. */
  private resync(now: number): void {
    if (now - this.lastResyncAt < this.parts.resyncMs) return;
    this.lastResyncAt = now;
    this.parts.proxy.invalidate();
  }
}

const SETTLE_MS = 60;

function noteResult(parts: StackParts, result: StepResult): void {
  const { step } = result;
  if (growsPause(result)) parts.retries.started(step.target, Date.now());
  if (result.kind !== 'denied') parts.metrics.countStep(step.kind, result.kind);
  parts.listener.onStep(result);
}

/** What ended by itself, hung, or could not be created or started; not what somebody removed. */
function growsPause(result: StepResult): boolean {
  const { kind, step } = result;
  if (kind === 'denied') return false;
  if (refusedCreations([result]).length > 0) return true;
  return (
    step.kind === 'restartContainer' || (step.kind === 'startContainer' && (step.again || kind === 'failed'))
  );
}

/** Absent for a plain file. */
function sourceOf(
  { git }: SourceSight,
  revision: ToldRevision | undefined,
): Partial<Pick<TickResult, 'source' | 'revision'>> {
  if (git === undefined) return {};
  return { source: git, ...(revision === undefined ? {} : { revision }) };
}

function tickResult(tick: Tick, blockers: readonly Finding[]): TickResult {
  const { look, plan: planned, results, ...rest } = tick;
  return {
    ...rest,
    results,
    ...(planned === undefined ? {} : { plan: planned }),
    ...(look.stack === undefined ? {} : { stack: look.stack }),
    manifest: look.state,
    generation: look.generation,
    stackGeneration: look.stackGeneration,
    ...(look.event === undefined ? {} : { manifestEvent: look.event }),
    findings: [...(planned?.findings ?? []), ...blockers],
  };
}
