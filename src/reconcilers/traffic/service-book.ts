/** What the replicas of one service counted, and what can be said of it now. Replicas come and go; a track's figures go on. */
import type { MetricsSample } from '../../probes/metrics/scan-metrics.js';
import type { ScrapeAnswer } from './ask-metrics.js';
import { ReplicaBook, type Look } from './replica-book.js';
import type { ScrapedService, ScrapeTarget } from './targets.js';
import { SLACK, trackWindow, type WindowOptions } from './track-window.js';
import { CHAOS_MODES, trackKey, type ChaosMode, type TrackTraffic } from './traffic.js';

export interface BookOptions extends WindowOptions {
  /** A process that started after this is counted from its start, whenever it is looked at first. */
  readonly newAfterMs: number;
}

/** Times are epoch milliseconds. */
export interface ServiceFigures {
  readonly windowSeconds: number;
  readonly tracks: ReadonlyMap<string, TrackTraffic>;
  readonly chaos?: ChaosMode;
  /** Of the process that started last, as it says. */
  readonly upSinceMs?: number;
}

/** What went wrong with a track's metrics, and what they say of themselves. */
export interface MetricsTroubles {
  readonly windowSeconds: number;
  readonly resets: number;
  readonly missedScrapes: number;
  readonly chaos?: ChaosMode;
}

export class ServiceBook {
  private readonly tracks = new Map<string, Map<string, ReplicaBook>>();
  private live: readonly ReplicaBook[] = [];

  constructor(private readonly options: BookOptions) {}

  /** The tracks that there are now; replicas that left are kept until they have left the window. */
  follow({ tracks }: Pick<ScrapedService, 'tracks'>, nowMs: number): void {
    const keys = new Set(tracks.map(trackKey));
    for (const key of this.tracks.keys()) if (!keys.has(key)) this.tracks.delete(key);
    for (const key of keys) if (!this.tracks.has(key)) this.tracks.set(key, new Map());
    this.live = tracks.flatMap((track) =>
      track.replicas.map((target) => this.book(trackKey(track), target, nowMs)),
    );
  }

  sample(track: string, target: ScrapeTarget): MetricsSample | undefined {
    return this.tracks.get(track)?.get(processKey(target))?.last?.sample;
  }

  /** True if requests were counted. */
  note(track: string, target: ScrapeTarget, { answer, atMs, quietSinceMs }: Noted): boolean {
    const book = this.tracks.get(track)?.get(processKey(target));
    if (book === undefined) return false; // it left while it was asked
    if (answer.kind === 'sample') return book.note(answer.sample, atMs, quietSinceMs);
    if (answer.kind === 'missed') book.miss(atMs);
    return false;
  }

  /** Undefined while nothing is known: no metrics, or too early. */
  figures(nowMs: number): ServiceFigures | undefined {
    const windows = this.windows(nowMs);
    const looks = this.live.flatMap(({ last }) => (last === undefined ? [] : [last]));
    const countsRequests = looks.some(({ sample }) => sample.countsRequests);
    if (windows.length === 0 && (looks.length === 0 || countsRequests)) return undefined;
    const seconds = windows.map(([, window]) => window.seconds);
    return {
      windowSeconds: seconds.length === 0 ? this.options.windowMs / 1000 : Math.max(...seconds),
      tracks: new Map(windows.map(([key, window]) => [key, window.figures])),
      ...chaosOf(looks),
      ...upSince(looks),
    };
  }

  /** Of one track, as it stands now; undefined where nothing was read of it, and nothing missed. */
  troubles(track: string, nowMs: number): MetricsTroubles | undefined {
    const { windowMs } = this.options;
    const books = [...(this.tracks.get(track)?.values() ?? [])];
    const found = books.map((book) => book.within(nowMs - windowMs));
    const missed = found.reduce((sum, { misses }) => sum + misses, 0);
    const looks = books.flatMap(({ last }) => (last === undefined ? [] : [last]));
    if (looks.length === 0 && missed === 0) return undefined;
    const live = books.flatMap((book) =>
      book.last === undefined || !this.live.includes(book) ? [] : [book.last],
    );
    const resets = found.reduce((sum, part) => sum + part.resets, 0);
    return { windowSeconds: windowMs / 1000, resets, missedScrapes: missed, ...chaosOf(live) };
  }

  private windows(nowMs: number) {
    const { windowMs } = this.options;
    const sinceMs = nowMs - windowMs * (1 - SLACK);
    return [...this.tracks].flatMap(([key, replicas]) => {
      const found = [...replicas.values()].map((book) => book.within(sinceMs));
      const misses = found.reduce((total, part) => total + part.misses, 0);
      const window = trackWindow(
        found.flatMap(({ spans }) => spans),
        misses,
        this.options,
      );
      this.forget(replicas, sinceMs);
      return window === undefined ? [] : [[key, window] as const];
    });
  }

  private forget(replicas: Map<string, ReplicaBook>, beforeMs: number): void {
    for (const [key, book] of replicas)
      if (book.forget(beforeMs) && !this.live.includes(book)) replicas.delete(key);
  }

  private book(track: string, target: ScrapeTarget, nowMs: number): ReplicaBook {
    const { windowMs, newAfterMs } = this.options;
    const isNew = target.startedAt >= newAfterMs || nowMs - target.startedAt <= windowMs;
    const known = this.tracks.get(track)?.get(processKey(target));
    const book = known ?? new ReplicaBook(isNew ? target.startedAt : undefined);
    this.tracks.get(track)?.set(processKey(target), book);
    return book;
  }
}

export interface Noted {
  readonly answer: ScrapeAnswer;
  readonly atMs: number;
  readonly quietSinceMs?: number;
}

/** A container that was started again is another process. */
export function processKey({
  containerId,
  startedAt,
}: Pick<ScrapeTarget, 'containerId' | 'startedAt'>): string {
  return `${containerId}/${String(startedAt)}`;
}

/** The worst of all. */
function chaosOf(looks: readonly Look[]): { chaos?: ChaosMode } {
  const values = looks.flatMap(({ sample: { chaos } }) => (chaos === undefined ? [] : [chaos]));
  const chaos = CHAOS_MODES[Math.max(...values)];
  return chaos === undefined ? {} : { chaos };
}

function upSince(looks: readonly Look[]): { upSinceMs?: number } {
  const starts = looks.flatMap(({ sample: { uptimeSeconds }, atMs }) =>
    uptimeSeconds === undefined ? [] : [atMs - uptimeSeconds * 1000],
  );
  return starts.length === 0 ? {} : { upSinceMs: Math.max(...starts) };
}
