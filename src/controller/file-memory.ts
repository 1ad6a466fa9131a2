/**
 * Contents of files that were read before, given again as long as the file system says that nothing was written since.
 * Not for ever: some file systems do not change metadata when content changes.
 */
import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { metadataStamp } from './triggers/fingerprint.js';

/** Within the same tick of a file system's clock (FAT: 2 s) a second write does not show. */
const CLOCK_TICK_MS = 2000;
const KEPT_MS = 100_000;

interface Kept {
  readonly stamp: string;
  readonly content: Buffer;
  readonly readMs: number;
}

export class FileMemory {
  private readonly kept = new Map<string, Kept>();

  /** Milliseconds since the epoch. */
  constructor(private readonly now: () => number = Date.now) {}

  /** The content of a file, in one look where nobody wrote it since the last; rejects as `readFile` does. */
  async read(path: string): Promise<Buffer> {
    const stats = await stat(path, { bigint: true });
    const known = this.recall(path, stats);
    if (known !== undefined) return known;
    const content = await readFile(path);
    this.keep(path, stats, content);
    return content;
  }

  /** What was read at `path`, when that is still there; undefined when it has to be read. */
  recall(path: string, stats: BigIntStats): Buffer | undefined {
    const kept = this.kept.get(path);
    if (kept === undefined) return undefined;
    const ageMs = this.now() - kept.readMs;
    if (kept.stamp === metadataStamp(stats) && ageMs >= 0 && ageMs < KEPT_MS) return kept.content;
    this.kept.delete(path);
    return undefined;
  }

  /** `stats`: from before it was read. */
  keep(path: string, stats: BigIntStats, content: Buffer): void {
    const readMs = this.now();
    const writtenMs = Number((stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs) / 1_000_000n);
    if (readMs - writtenMs > CLOCK_TICK_MS)
      this.kept.set(path, { stamp: metadataStamp(stats), content, readMs });
  }
}
