/**
 * Reads the proxy's log for every live canary and keeps its figures; says when there is news. It decides nothing and asks no policy.
 * What it knows is in the log: after a restart it reads the rollout again from its beginning.
 */
import { Backoff } from '../../controller/backoff.js';
import type { Engine, LogLine } from '../docker/engine.js';
import { CanaryBook, type LogFacts, type RolloutContext } from './canary-book.js';
import { LogFollower } from './log-follower.js';
import { isJudgeLine, parseJudgeLine } from './parse-judge-log.js';

export interface WatchedCanary extends RolloutContext {
  readonly service: string;
  /** Absent while the proxy is being made. */
  readonly proxyContainerId?: string;
}

export interface CanaryMonitorOptions {
  readonly engine: Pick<Engine, 'readLogs' | 'followLogs'>;
  /** The log cannot be read now; it is tried again. */
  readonly onBroken: (error: unknown) => void;
  readonly newsMs?: number;
}

interface Entry {
  watched: WatchedCanary;
  readonly book: CanaryBook;
  /** All was read that stood in the log when the watch began. */
  isRead: boolean;
  unreadableLines: number;
  follower: LogFollower | undefined;
}

/** News is told when the second that it came in is over: before, it is no evidence, and each moment after is one more for users of a bad canary. */
const SECOND_MS = 1000;
/** By then the lines of a second are heard. */
const HEARING_MS = 50;
const SILENCE_MS = 5000;
const BACKOFF = { baseMs: 200, maxMs: 10_000 };

export class CanaryMonitor {
  /** Requests came since the last call, or none for a while; at most once a second. */
  onNews: () => void = () => undefined;
  private readonly entries = new Map<string, Entry>();
  private readonly leaving = new Set<Promise<void>>();
  private news: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;

  constructor(private readonly options: CanaryMonitorOptions) {}

  /** Reads for exactly these from now on. Another beginning or other limits are another rollout: it is read from the start. */
  watch(canaries: readonly WatchedCanary[]): void {
    const names = new Set(canaries.map(({ service }) => service));
    for (const name of this.entries.keys()) if (!names.has(name)) this.forget(name);
    for (const watched of canaries) this.follow(watched);
    this.listenToSilence();
  }

  /** Absent for who is not watched, and until the log was read up to now: half a log would look like silence. */
  factsOf(service: string, nowMs: number): LogFacts | undefined {
    const entry = this.entries.get(service);
    return entry?.isRead === true ? entry.book.facts(nowMs) : undefined;
  }

  /** Lines that look like the proxy's and are not: torn, or forged. None of them counts for anything. */
  unreadableLinesOf(service: string): number {
    return this.entries.get(service)?.unreadableLines ?? 0;
  }

  async stop(): Promise<void> {
    this.watch([]);
    clearTimeout(this.news);
    await Promise.all(this.leaving);
  }

  private follow(watched: WatchedCanary): void {
    const known = this.entries.get(watched.service);
    if (known === undefined || !isSameRollout(known.watched, watched)) {
      this.forget(watched.service);
      const entry: Entry = {
        watched,
        book: new CanaryBook(watched),
        isRead: false,
        unreadableLines: 0,
        follower: undefined,
      };
      this.entries.set(watched.service, entry);
      entry.follower = this.followerOf(entry);
      return;
    }
    const isSameProxy = known.watched.proxyContainerId === watched.proxyContainerId;
    known.watched = watched;
    known.book.update(watched);
    if (isSameProxy) return;
    this.leave(known);
    known.follower = this.followerOf(known);
  }

  private followerOf(entry: Entry): LogFollower | undefined {
    const { proxyContainerId: containerId, sinceMs } = entry.watched;
    if (containerId === undefined) return undefined;
    return new LogFollower({
      engine: this.options.engine,
      containerId,
      sinceMs,
      backoff: new Backoff(BACKOFF),
      onLine: (line) => this.read(entry, line),
      onCaughtUp: () => {
        entry.isRead = true;
        this.tellNews();
      },
      onBroken: this.options.onBroken,
    });
  }

  private read(entry: Entry, { text, isWhole }: LogLine): void {
    if (!isJudgeLine(text)) return entry.book.addMessage(text);
    const request = isWhole ? parseJudgeLine(text) : undefined;
    if (request === undefined) entry.unreadableLines += 1;
    if (request?.service !== entry.watched.service) return;
    entry.book.add(request);
    this.tellNews();
  }

  private tellNews(): void {
    this.news ??= setTimeout(
      () => {
        this.news = undefined;
        this.onNews();
      },
      this.options.newsMs ?? untilHeard(Date.now()),
    ).unref();
  }

  /** A canary that nobody asks has its deadline too. */
  private listenToSilence(): void {
    if (this.entries.size > 0) this.silence ??= setInterval(() => this.onNews(), SILENCE_MS).unref();
    else {
      clearInterval(this.silence);
      this.silence = undefined;
    }
  }

  private forget(service: string): void {
    const entry = this.entries.get(service);
    this.entries.delete(service);
    if (entry !== undefined) this.leave(entry);
  }

  private leave(entry: Entry): void {
    const left = entry.follower?.stop();
    entry.follower = undefined;
    if (left === undefined) return;
    const gone = left.finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }
}

function untilHeard(nowMs: number): number {
  return SECOND_MS - (nowMs % SECOND_MS) + HEARING_MS;
}

function isSameRollout(a: WatchedCanary, b: WatchedCanary): boolean {
  return (
    a.sinceMs === b.sinceMs &&
    a.bakeSinceMs === b.bakeSinceMs &&
    a.limits.max_error_percent === b.limits.max_error_percent &&
    a.limits.max_slow_percent === b.limits.max_slow_percent &&
    a.limits.slow_ms === b.limits.slow_ms
  );
}
