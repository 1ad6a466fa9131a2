/**
 * One look at every replica's metrics, for a command that runs where no controller does. The counters that the last commands saw
 * are its past; without a past it looks twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { scanMetrics, type MetricsSample } from '../../probes/metrics/scan-metrics.js';
import type { AskMetrics } from './ask-metrics.js';
import { processKey, ServiceBook } from './service-book.js';
import type { ScrapedService, ScrapeTarget } from './targets.js';
import { TrafficBoard } from './traffic-board.js';
import { trackKey, type Traffic } from './traffic.js';

/** By process: what it counted at which moments, oldest first. */
export type KeptSamples = Readonly<Record<string, readonly KeptSample[]>>;

export interface KeptSample {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** In the format that it came in, without what nobody reads. */
  readonly text: string;
}

/** What stands in the file, as far as it can be used: losing it costs a second look. */
export function keptFrom(value: unknown): KeptSamples {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).map(([key, samples]) => [key, Array.isArray(samples) ? samples : []]);
  return Object.fromEntries(
    entries.map(([key, samples]) => [key, (samples as unknown[]).filter(isKept)]),
  ) as KeptSamples;
}

function isKept(value: unknown): value is KeptSample {
  if (typeof value !== 'object' || value === null) return false;
  const { atMs, text } = value as Partial<Record<string, unknown>>;
  return typeof atMs === 'number' && typeof text === 'string';
}

export interface OneLook {
  readonly traffic: Traffic;
  /** For the next look. */
  readonly kept: KeptSamples;
}

export interface LookOptions {
  readonly ask: AskMetrics;
  readonly kept: KeptSamples;
  readonly signal: AbortSignal;
  readonly now?: () => number;
  /** Between two looks, where one says nothing. */
  readonly pauseMs?: number;
}

const WINDOW_MS = 30_000;
/** Who looks now and then wants to know what happened in between, but not what happened long ago. */
const LONGEST_PAST_MS = 600_000;
const PAUSE_MS = 2000;

/** Rejects when `signal` fires while it waits. */
export async function lookOnce(services: readonly ScrapedService[], options: LookOptions): Promise<OneLook> {
  const { now = Date.now, pauseMs = PAUSE_MS, signal } = options;
  const books = services.map((service) => bookOf(service, options.kept, now()));
  await ask(books, options.ask, now);
  if (books.some((one) => needsAnother(one, now()))) {
    await sleep(pauseMs, undefined, { signal });
    await ask(books, options.ask, now);
  }
  const board = new TrafficBoard();
  for (const { service, book } of books) board.show(service.name, book.figures(now()), now());
  return { traffic: board.known(), kept: keptOf(books, options.kept, now()) };
}

interface OpenBook {
  readonly service: ScrapedService;
  readonly book: ServiceBook;
}

function bookOf(service: ScrapedService, kept: KeptSamples, nowMs: number): OpenBook {
  const book = new ServiceBook({ windowMs: WINDOW_MS, quietMs: 0, newAfterMs: nowMs - LONGEST_PAST_MS });
  book.follow(service, nowMs);
  for (const { track, target } of placesOf(service)) {
    for (const { atMs, text } of recent(kept, target, nowMs)) {
      const sample = scanMetrics(text, { ours: target.ours });
      book.note(track, target, { answer: { kind: 'sample', sample }, atMs });
    }
  }
  return { service, book };
}

async function ask(books: readonly OpenBook[], askOne: AskMetrics, now: () => number): Promise<void> {
  const places = books.flatMap(({ service, book }) => placesOf(service).map((place) => ({ ...place, book })));
  await Promise.all(
    places.map(async ({ book, track, target }) => {
      const answer = await askOne(target, book.sample(track, target));
      book.note(track, target, { answer, atMs: now() });
    }),
  );
}

/** Somebody counts requests, and nobody knows since when. */
function needsAnother({ service, book }: OpenBook, nowMs: number): boolean {
  const counts = placesOf(service).some(({ track, target }) => book.sample(track, target)?.countsRequests);
  return counts && book.figures(nowMs) === undefined;
}

function placesOf({ tracks }: ScrapedService): readonly { track: string; target: ScrapeTarget }[] {
  return tracks.flatMap((track) => track.replicas.map((target) => ({ track: trackKey(track), target })));
}

/** Everything in the window, and the one before, which is where the window starts. */
function keptOf(books: readonly OpenBook[], before: KeptSamples, nowMs: number): KeptSamples {
  const entries = books.flatMap(({ service, book }) =>
    placesOf(service).map(({ track, target }) => {
      const key = processKey(target);
      const sample = book.sample(track, target);
      const old = recent(before, target, nowMs);
      const start = old.findLastIndex(({ atMs }) => nowMs - atMs >= WINDOW_MS);
      const fresh = sample === undefined ? [] : [{ atMs: nowMs, text: textOf(sample) }];
      return [key, [...old.slice(Math.max(0, start)), ...fresh]] as const;
    }),
  );
  return Object.fromEntries(entries);
}

function textOf({ counters, uptimeSeconds, processStart }: MetricsSample): string {
  const lines = [...counters.values()].map(({ series, value }) => `${series.key} ${String(value)}`);
  if (uptimeSeconds !== undefined) lines.push(`app_uptime_seconds ${String(uptimeSeconds)}`);
  if (processStart !== undefined) lines.push(`process_start_time_seconds ${String(processStart)}`);
  return ['# TYPE http_requests_total counter', ...lines].join('\n');
}

/** What is of another time, or of another clock, is no past. */
function recent(kept: KeptSamples, target: ScrapeTarget, nowMs: number): readonly KeptSample[] {
  const samples = kept[processKey(target)] ?? [];
  return samples.filter(({ atMs }) => atMs < nowMs && nowMs - atMs < LONGEST_PAST_MS);
}
