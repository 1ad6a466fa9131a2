/**
 * Reads one container's log from a moment on, each line once, and goes on where it was after the stream broke, the container stopped, or
 * nothing was heard for so long that the stream may be dead. Lines come in order, but for those that a stream in arrears had passed over.
 * It must not know what they say.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backoff } from '../../controller/backoff.js';
import type { Engine, LogLine } from '../docker/engine.js';
import { LagWatch } from './lag-watch.js';
import { SeenLines } from './seen-lines.js';

export interface LogFollowerOptions {
  readonly engine: Pick<Engine, 'readLogs' | 'followLogs'>;
  readonly containerId: string;
  /** Epoch milliseconds on the Engine's clock; that moment is in it. */
  readonly sinceMs: number;
  readonly backoff: Backoff;
  readonly onLine: (line: LogLine) => void;
  /** Once: all was told that was there in the beginning. */
  readonly onCaughtUp: () => void;
  readonly onBroken: (error: unknown) => void;
  readonly silenceMs?: number;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/** A stream that is dead says as little as one without traffic; to ask again costs the Engine a look through its files. */
const SILENCE_MS = 60_000;

export class LogFollower {
  private readonly seen = new SeenLines();
  private readonly lag = new LagWatch();
  private readonly stopping = new AbortController();
  private readonly following: Promise<void>;
  private readonly now: () => number;
  private stream = new AbortController();
  /** No line is missing up to here. */
  private safe: string;
  /** From here on the log is to be read, before it is followed. */
  private unread: string | undefined;
  private isCaughtUp = false;

  constructor(private readonly options: LogFollowerOptions) {
    this.safe = new Date(options.sinceMs).toISOString();
    this.unread = this.safe;
    this.now = options.now ?? (() => performance.now());
    this.following = this.follow();
  }

  /** No line is told any more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.stream.abort();
    await this.following;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    const { backoff, containerId, onBroken } = this.options;
    while (!signal.aborted) {
      try {
        await this.followOnce();
      } catch (error) {
        onBroken(error);
      }
      await sleep(backoff.next(containerId), undefined, { signal }).catch(() => undefined);
    }
  }

  private async followOnce(): Promise<void> {
    const { engine, containerId, silenceMs = SILENCE_MS } = this.options;
    const stream = new AbortController();
    this.stream = stream;
    const silence = setTimeout(() => stream.abort(), silenceMs).unref();
    try {
      if (this.unread !== undefined) await this.readFrom(this.unread, stream.signal);
      await engine.followLogs(containerId, {
        since: this.seen.since ?? this.safe,
        signal: stream.signal,
        onLine: (line) => {
          silence.refresh();
          if (this.tell(line)) this.watchLag(line);
        },
      });
    } finally {
      clearTimeout(silence);
    }
  }

  private async readFrom(since: string, signal: AbortSignal): Promise<void> {
    const { engine, containerId, onCaughtUp } = this.options;
    await engine.readLogs(containerId, { since, signal, onLine: (line) => void this.tell(line) });
    if (signal.aborted) return;
    this.unread = undefined;
    if (!this.isCaughtUp) onCaughtUp();
    this.isCaughtUp = true;
  }

  /** After a lag, what the stream may have passed over is read again, and only what is new is told. */
  private watchLag({ at }: LogLine): void {
    if (this.lag.heard(Date.parse(at), this.now())) {
      this.unread = this.safe;
      this.stream.abort();
    } else if (!this.lag.isBehind) {
      this.safe = at;
      this.seen.forget();
    }
  }

  /** Whether it is new. */
  private tell(line: LogLine): boolean {
    if (this.stopping.signal.aborted || !this.seen.isNew(line)) return false;
    this.options.backoff.reset(this.options.containerId);
    this.options.onLine(line);
    if (!this.isCaughtUp) this.seen.forget();
    return true;
  }
}
