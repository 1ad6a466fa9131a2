/** The alternate screen of a terminal: takes it, paints whole frames onto it, gives it back as it was. */
import { Writable } from 'node:stream';
import type { Size } from './live-facts.js';

const ESC = '\u001B[';
/** Alternate screen on, cursor hidden, no wrapping: a frame that is too wide for a moment (a resize) breaks nothing. */
const TAKE = `${ESC}?1049h${ESC}?25l${ESC}?7l`;
const GIVE_BACK = `${ESC}?7h${ESC}?25h${ESC}?1049l`;
/** Terminals that know this show a frame only when it is whole; the others ignore it. */
const BEGIN = `${ESC}?2026h${ESC}H`;
const END = `${ESC}?2026l`;
/** Before what is written: after a full line it would erase the last column. */
const BLANK_LINE = `${ESC}2K`;
const PLAIN = `${ESC}0m`;
const FALLBACK: Size = { columns: 80, rows: 24 };

export interface FullScreenOptions {
  readonly terminal: NodeJS.WriteStream;
  /** Applied to each frame. */
  readonly glyphs: (frame: string) => string;
}

/** What ink writes its frames to, each as one chunk (its debug mode); painted in one write, so that nothing flickers. */
export class FullScreen extends Writable {
  private isTaken = false;

  constructor(private readonly options: FullScreenOptions) {
    super({ decodeStrings: false });
  }

  /** Read by ink. */
  get columns(): number {
    return this.size.columns;
  }

  get size(): Size {
    const { columns, rows } = this.options.terminal;
    return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK;
  }

  take(): void {
    this.isTaken = true;
    this.options.terminal.write(TAKE);
    // The last resort, when something ends the process behind our back.
    process.once('exit', this.giveBack);
  }

  /** Once; harmless after that. */
  readonly giveBack = (): void => {
    if (!this.isTaken) return;
    this.isTaken = false;
    process.off('exit', this.giveBack);
    this.options.terminal.write(GIVE_BACK);
  };

  override _write(frame: string, _encoding: BufferEncoding, done: () => void): void {
    if (this.isTaken && frame !== '') this.options.terminal.write(this.painted(frame));
    done();
  }

  /** A frame has a line for each row of the screen. */
  private painted(frame: string): string {
    const lines = this.options.glyphs(frame).split('\n');
    return BEGIN + lines.map((line) => BLANK_LINE + line + PLAIN).join('\r\n') + END;
  }
}
