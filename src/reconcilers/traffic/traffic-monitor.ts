/**
 * Reads the metrics of every service on a clock of its own, one round after the other, never two at once. A round's figures are
 * told to whoever listens; what is known is read by whoever writes the status. It decides nothing.
 */
import type { AskMetrics, ScrapeAnswer } from './ask-metrics.js';
import { BUSY_MS, isBusy, pauseMs } from './scrape-pace.js';
import { ServiceBook, type MetricsTroubles } from './service-book.js';
import type { ScrapedService, ScrapeTarget } from './targets.js';
import { SLACK } from './track-window.js';
import { TrafficBoard } from './traffic-board.js';
import { trackKey, type Traffic } from './traffic.js';

export interface TrafficMonitorOptions {
  readonly ask: AskMetrics;
  readonly windowMs?: number;
  /** Epoch milliseconds that never go back. */
  readonly now?: () => number;
}

/** A service that was looked at, with what is known of it now. */
export interface Looked {
  readonly service: ScrapedService;
  readonly nowMs: number;
}

interface Watched {
  service: ScrapedService;
  readonly book: ServiceBook;
  dueMs: number;
  movedMs: number;
  /** The last look that found nothing new. */
  quietMs: number;
  hasMetrics: boolean;
  turn: number;
}

interface Place {
  readonly track: string;
  readonly target: ScrapeTarget;
}

export const WINDOW_MS = 30_000;
/** What is due this soon is read in the same round. */
const TOGETHER_MS = 500;

export class TrafficMonitor {
  /** `changed`: the figures are others than before. */
  onRound: (looked: readonly Looked[], changed: boolean) => void = () => undefined;
  private readonly watched = new Map<string, Watched>();
  private readonly board = new TrafficBoard();
  private readonly now: () => number;
  private readonly beganMs: number;
  private timer: NodeJS.Timeout | undefined;
  private state: 'new' | 'waiting' | 'reading' | 'stopped' = 'new';

  constructor(private readonly options: TrafficMonitorOptions) {
    this.now = options.now ?? (() => performance.timeOrigin + performance.now());
    this.beganMs = this.now();
  }

  known(): Traffic {
    return this.board.known();
  }

  /** `track`: by `trackKey`. Undefined where nothing is known of its metrics. */
  troubles(service: string, track: string): MetricsTroubles | undefined {
    return this.watched.get(service)?.book.troubles(track, this.now());
  }

  /** From now on by itself. */
  start(): void {
    this.state = 'waiting';
    this.schedule();
  }

  stop(): void {
    this.state = 'stopped';
    clearTimeout(this.timer);
  }

  /** Reads the metrics of exactly these from now on. */
  watch(services: readonly ScrapedService[]): void {
    const nowMs = this.now();
    const names = new Set(services.map(({ name }) => name));
    for (const name of this.watched.keys()) {
      if (names.has(name)) continue;
      this.watched.delete(name);
      this.board.show(name, undefined, nowMs);
    }
    for (const service of services) this.follow(service, nowMs);
    this.schedule();
  }

  private follow(service: ScrapedService, nowMs: number): void {
    const known = this.watched.get(service.name);
    const { windowMs = WINDOW_MS } = this.options;
    const watched = known ?? {
      service,
      book: new ServiceBook({ windowMs, quietMs: windowMs * (1 - SLACK), newAfterMs: this.beganMs }),
      dueMs: nowMs,
      movedMs: -Infinity,
      quietMs: -Infinity,
      hasMetrics: true,
      turn: 0,
    };
    watched.service = service;
    watched.book.follow(service, nowMs);
    if (watched.hasMetrics && strangers(watched).length > 0)
      watched.dueMs = Math.min(watched.dueMs, nowMs + BUSY_MS);
    this.watched.set(service.name, watched);
  }

  private schedule(): void {
    if (this.state !== 'waiting') return;
    clearTimeout(this.timer);
    if (this.watched.size === 0) return;
    const dueMs = Math.min(...[...this.watched.values()].map((watched) => watched.dueMs));
    this.timer = setTimeout(() => void this.run(), Math.max(0, dueMs - this.now()));
    this.timer.unref();
  }

  private async run(): Promise<void> {
    this.state = 'reading';
    await this.round();
    if (this.isStopped()) return;
    this.state = 'waiting';
    this.schedule();
  }

  /** `stop` may come while a round is under way. */
  private isStopped(): boolean {
    return this.state === 'stopped';
  }

  /** Everything that is due. */
  async round(): Promise<void> {
    const nowMs = this.now();
    const due = [...this.watched.values()].filter(({ dueMs }) => dueMs <= nowMs + TOGETHER_MS);
    await Promise.all(due.map((watched) => this.look(watched, nowMs)));
    if (this.isStopped()) return; // whoever writes may not do so any more
    const toldMs = this.now();
    const still = due.filter((watched) => this.watched.get(watched.service.name) === watched);
    const changes = still.map(({ service, book }) =>
      this.board.show(service.name, book.figures(toldMs), toldMs),
    );
    this.onRound(
      still.map(({ service }) => ({ service, nowMs: toldMs })),
      changes.includes(true),
    );
  }

  private async look(watched: Watched, nowMs: number): Promise<void> {
    const places = placesOf(watched);
    const first = isBusy(pulseOf(watched), nowMs) ? places : spokesmen(watched, places);
    const found = await this.read(watched, first);
    const rest = places.filter((place) => !first.includes(place));
    if (found === 'moved' && rest.length > 0) await this.read(watched, rest); // somebody is there: the others may know more
    const afterMs = this.now();
    if (found === 'moved') watched.movedMs = afterMs;
    if (found === 'quiet') watched.quietMs = afterMs;
    watched.turn += 1;
    watched.dueMs = nowMs + pauseMs(pulseOf(watched), this.replicas(), afterMs);
  }

  private replicas(): number {
    return [...this.watched.values()].reduce((sum, watched) => sum + placesOf(watched).length, 0);
  }

  /** `moved`: requests were counted; `quiet`: everybody asked says that there were none. */
  private async read(watched: Watched, places: readonly Place[]): Promise<'moved' | 'quiet' | 'unclear'> {
    const { book, quietMs } = watched;
    const answers = await Promise.all(
      places.map(async ({ track, target }) => {
        const answer = await this.options.ask(target, book.sample(track, target));
        const noted = { answer, atMs: this.now(), quietSinceMs: quietMs };
        return { answer, moved: book.note(track, target, noted) };
      }),
    );
    watched.hasMetrics = hasMetrics(watched.hasMetrics, answers);
    if (answers.some(({ moved }) => moved)) return 'moved';
    return answers.every(({ answer }) => answer.kind === 'sample') ? 'quiet' : 'unclear';
  }
}

function hasMetrics(before: boolean, answers: readonly { readonly answer: ScrapeAnswer }[]): boolean {
  if (answers.some(({ answer }) => answer.kind === 'sample')) return true;
  return answers.some(({ answer }) => answer.kind === 'none') ? false : before;
}

function pulseOf({ service, movedMs, hasMetrics: has }: Watched) {
  const hasCanary = service.tracks.some(({ track }) => track === 'canary');
  return { movedMs, hasMetrics: has, hasCanary };
}

function placesOf({ service }: Pick<Watched, 'service'>): readonly Place[] {
  return service.tracks.flatMap((track) =>
    track.replicas.map((target) => ({ track: trackKey(track), target })),
  );
}

/** One of all, in turn, and those that were never asked: they need a first count. */
function spokesmen(watched: Watched, places: readonly Place[]): readonly Place[] {
  const one = places[watched.turn % Math.max(1, places.length)];
  const unknown = watched.hasMetrics ? strangers(watched) : [];
  return places.filter((place) => place === one || unknown.some(({ target }) => target === place.target));
}

function strangers(watched: Pick<Watched, 'service' | 'book'>): readonly Place[] {
  return placesOf(watched).filter(({ track, target }) => watched.book.sample(track, target) === undefined);
}
