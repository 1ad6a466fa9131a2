/** The logs of containers in memory: as the Engine's, with its habits of telling lines twice and of breaking off. */
import type { Engine, LogLine, LogOptions } from '../../src/reconcilers/docker/engine.js';

interface Reader {
  readonly options: LogOptions;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

export class FakeLog implements Pick<Engine, 'readLogs' | 'followLogs'> {
  /** Each as the Engine would tell it. */
  readonly lines: LogLine[] = [];
  /** How often somebody began to follow. */
  opened = 0;
  private refusals = 0;
  private readonly readers = new Set<Reader>();

  /** `ns` are what milliseconds do not tell; two lines can have the same moment. Who follows does not hear what is passed over. */
  write(text: string, atMs: number, { ns = 0, isWhole = true, isPassedOver = false } = {}): void {
    const line = { at: stamp(atMs, ns), text, isWhole };
    this.lines.push(line);
    if (isPassedOver) return;
    for (const { options } of this.readers) tell(options, line);
  }

  /** As the Engine does after a rotation: readers hear the last lines again. */
  repeat(count: number): void {
    for (const { options } of this.readers) for (const line of this.lines.slice(-count)) tell(options, line);
  }

  /** Older lines are gone, as when the last file of a rotation is dropped. */
  dropOldest(count: number): void {
    this.lines.splice(0, count);
  }

  breakOff(): void {
    for (const { fail } of this.readers) fail(new Error('the connection broke'));
  }

  /** As when the container stops. */
  end(): void {
    for (const { end } of this.readers) end();
  }

  /** The next reading breaks before its first line. */
  refuseNext(): void {
    this.refusals += 1;
  }

  readLogs(_id: string, options: LogOptions): Promise<void> {
    if (this.refusals > 0) {
      this.refusals -= 1;
      return Promise.reject(new Error('the connection broke'));
    }
    this.tellAll(options);
    return Promise.resolve();
  }

  followLogs(_id: string, options: LogOptions): Promise<void> {
    this.opened += 1;
    this.tellAll(options);
    return new Promise((resolve, reject) => {
      const reader: Reader = {
        options,
        end: () => this.readers.delete(reader) && resolve(),
        fail: (error) => this.readers.delete(reader) && reject(error),
      };
      this.readers.add(reader);
      options.signal.addEventListener('abort', reader.end, { once: true });
      if (options.signal.aborted) reader.end();
    });
  }

  private tellAll(options: LogOptions): void {
    const since = (options.since ?? '').replace(/(\.\d{3})Z$/, '$1000000Z');
    for (const line of this.lines) if (line.at >= since) tell(options, line);
  }
}

function tell({ onLine, signal }: LogOptions, line: LogLine): void {
  if (!signal.aborted) onLine(line);
}

/** RFC 3339 with nine digits. */
function stamp(atMs: number, ns: number): string {
  return new Date(atMs).toISOString().replace('Z', `${String(ns).padStart(6, '0')}Z`);
}
