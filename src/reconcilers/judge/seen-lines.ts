/**
 * Which lines of a log were seen. The Engine tells lines again where it rotates the log, and from the last one on where a follower comes
 * back; each has the Engine's timestamp, to the nanosecond, and so is itself and no other.
 */
import type { LogLine } from '../docker/engine.js';

/** What the Engine was seen to repeat are some ten lines at a rotation. */
const REMEMBERED = 10_000;

export class SeenLines {
  private newest = '';
  private last: string | undefined;
  /** Texts by their moment; one that shares its moment with another is found by both. */
  private young = new Map<string, string>();
  private old = new Map<string, string>();

  /** `remembered` lines at least, twice as many at most. */
  constructor(private readonly remembered = REMEMBERED) {}

  /** Where to go on: the time of the line that came last, which is not the newest after the Engine's clock was set back. */
  get since(): string | undefined {
    return this.last;
  }

  /** True once for every line. */
  isNew({ at, text }: LogLine): boolean {
    const isLatest = at > this.newest;
    const known = isLatest ? undefined : this.textAt(at);
    if (known === text || (known !== undefined && this.textAt(at + text) !== undefined)) return false;
    this.young.set(known === undefined ? at : at + text, text);
    if (isLatest) this.newest = at;
    this.last = at;
    return true;
  }

  /** To be called now and then, whenever no line of before is needed any more. */
  forget(): void {
    if (this.young.size < this.remembered) return;
    this.old = this.young;
    this.young = new Map();
  }

  private textAt(key: string): string | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }
}
