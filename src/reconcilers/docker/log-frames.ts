/** The Engine's multiplexed output cut into lines with the Engine's own timestamps, as it arrives; each frame is one line of one stream. */
import type { LogLine } from './engine.js';

const HEADER_BYTES = 8;
const STDERR = 2;
/** RFC 3339 with nanoseconds, always this long in UTC: 2026-05-05T20:55:22.113000000Z. */
const STAMP_LENGTH = 30;
const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Output without frames: a terminal's, where stdout and stderr are one. */
export class OutputWithoutFrames extends Error {
  override readonly name = 'OutputWithoutFrames';
}

export class LogFrames {
  private rest: Buffer = EMPTY;

  constructor(private readonly onLine: (line: LogLine) => void) {}

  /** Hands on every line of stderr that is complete by now; throws `OutputWithoutFrames`. */
  push(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const end = frameEnd(bytes, at);
      if (end === undefined) break;
      if (bytes[at] === STDERR) this.onLine(lineOf(bytes, at + HEADER_BYTES, end));
      at = end;
    }
    this.rest = bytes.subarray(at);
  }
}

/** Where the frame that begins at `at` ends; absent while it has not arrived in full. */
function frameEnd(bytes: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  if ((bytes[at] ?? 0) > STDERR || bytes.readUIntBE(at + 1, 3) !== 0)
    throw new OutputWithoutFrames('the container writes to a terminal; its output cannot be told apart');
  const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
  return end > bytes.length ? undefined : end;
}

/** A byte is a character here: what is ours is ASCII, and what is not must not make a line longer or shorter. */
function lineOf(bytes: Buffer, start: number, end: number): LogLine {
  const isWhole = bytes[end - 1] === NEWLINE;
  const stop = isWhole ? end - 1 : end;
  const at = bytes.toString('latin1', start, Math.min(start + STAMP_LENGTH, stop));
  return { at, text: bytes.toString('latin1', start + STAMP_LENGTH + 1, stop), isWhole };
}
