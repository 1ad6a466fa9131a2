/**
 * Everything that the proxy's log says of one rollout. It keeps figures and not attempts, and gives the same figures for the same log;
 * what they mean is for the policies.
 */
import type { Track } from '../plan/proxy-model.js';
import type { CanaryFacts, CanaryLimits, RecentFacts } from './canary-facts.js';
import { attemptsOf } from './attempts-of.js';
import type { Attempt, Whose } from './attempt.js';
import { CutAnswers } from './cut-answers.js';
import type { JudgedRequest } from './parse-judge-log.js';
import { RecentView } from './recent-view.js';
import { PhaseSum, type Sums } from './phase-sum.js';
import { SecondBook, type SecondTally } from './second-book.js';
import { trackFacts, type TrackTroubles } from './track-facts.js';
import { markOf } from './track-tally.js';

/** How the rollout looks from outside the log. All times are on the clock of the engine's host, epoch milliseconds. */
export interface RolloutContext {
  /** What the canary was asked before is its warm-up, and left out. */
  readonly sinceMs: number;
  /** When the weight changed; the seconds around that are left out. */
  readonly changedAtMs: readonly number[];
  /** Since when the canary is promoted and bakes: what it does from then on is judged, beside what stable did before. */
  readonly bakeSinceMs?: number;
  readonly limits: CanaryLimits;
  /** By IP address of the replica. */
  readonly addresses: ReadonlyMap<string, Whose>;
  /** A stable version takes traffic, or could. */
  readonly hasStable: boolean;
  readonly troubles: Readonly<Record<Track, TrackTroubles>>;
}

/** The part of `CanaryFacts` that comes from the log, and what else it tells. */
export interface LogFacts extends Pick<CanaryFacts, 'canary' | 'stable' | 'evidence' | 'windows'> {
  readonly recent: RecentFacts;
  /** When the canary's last request ended; absent before the first. */
  readonly lastRequestAtMs?: number;
}

/** How long a weight change may disturb requests. */
export const SETTLE_MS = 1000;

export class CanaryBook {
  private readonly seconds = new SecondBook();
  private readonly recent = new RecentView();
  private readonly cuts = new CutAnswers();
  private readonly changes = new Set<number>();
  private readonly settled: PhaseSum;
  private readonly addresses = new Map<string, Whose>();
  private lastRequestAtMs: number | undefined;

  constructor(private context: RolloutContext) {
    this.settled = new PhaseSum(context.limits, context.bakeSinceMs);
    this.update(context);
  }

  /** The same rollout at another moment; a replica's former address stays its own. */
  update(context: RolloutContext): void {
    this.context = context;
    for (const changedAtMs of context.changedAtMs) this.changes.add(changedAtMs);
    for (const [address, whose] of context.addresses) this.addresses.set(address, whose);
  }

  /** What else nginx says, in the log's order. */
  addMessage(message: string): void {
    this.cuts.note(message);
  }

  add(request: JudgedRequest): void {
    if (request.endedAtMs < this.context.sinceMs) return;
    const known = { addresses: this.addresses, isCut: this.cuts.take(request.connection) };
    for (const attempt of attemptsOf(request, known)) this.addAttempt(attempt);
    for (const second of this.seconds.takeSettled())
      if (!this.isLeftOut(second.second)) this.settled.add(this.withChanges(second));
  }

  facts(nowMs: number): LogFacts {
    const { hasStable, troubles } = this.context;
    const { totals, evidence, windows } = this.sumAt(nowMs);
    return {
      canary: trackFacts(totals.canary, troubles.canary),
      ...(hasStable ? { stable: trackFacts(totals.stable, troubles.stable) } : {}),
      evidence,
      windows: hasStable ? windows : windows.map(({ seconds, canary }) => ({ seconds, canary })),
      recent: this.recent.facts(nowMs, (second) => this.isLeftOut(second)),
      ...(this.lastRequestAtMs === undefined ? {} : { lastRequestAtMs: this.lastRequestAtMs }),
    };
  }

  private addAttempt(attempt: Attempt): void {
    const mark = markOf(attempt, this.context.limits.slow_ms);
    this.seconds.add(attempt, mark);
    if (attempt.track !== 'canary') return;
    if (attempt.atMs >= (this.context.bakeSinceMs ?? 0)) this.recent.add(attempt, mark);
    this.lastRequestAtMs = Math.max(this.lastRequestAtMs ?? 0, attempt.atMs);
  }

  private sumAt(nowMs: number): Sums {
    const sum = this.settled.copy();
    const seconds = this.seconds.recent();
    for (const second of seconds) {
      if (this.isLeftOut(second.second)) continue;
      const isOver = second !== seconds.at(-1) || nowMs >= (second.second + 1) * 1000;
      if (isOver) sum.add(this.withChanges(second));
      else sum.count(second);
    }
    return sum.sums();
  }

  private withChanges(second: SecondTally): SecondTally {
    const changes = [...this.changes].filter((changedAtMs) => changedAtMs < (second.second + 1) * 1000);
    return { ...second, changes: changes.length };
  }

  private isLeftOut(second: number): boolean {
    for (const changedAtMs of this.changes)
      if ((second + 1) * 1000 > changedAtMs && second * 1000 < changedAtMs + SETTLE_MS) return true;
    return false;
  }
}
