/** The live view on a terminal: draws what the source sees, obeys the keys, and gives the terminal back whatever happens. */
import { render, type Instance } from 'ink';
import { EXIT } from '../../basics/exit.js';
import { paintFor } from '../../basics/talk.js';
import { isReady } from '../state-words.js';
import { asciiOnly, isUtf8 } from './ascii.js';
import { Ending, onAbort } from './ending.js';
import { FullScreen } from './full-screen.js';
import type { LiveKey } from './keys.js';
import { LiveSource } from './live-source.js';
import { firstState, withKey, withLook, type LiveState } from './live-state.js';
import { liveView } from './live-view.js';
import { Keyboard, Screen } from './screen.js';
import type { WatchOptions } from './watch-options.js';

/** Ages grow by the second. */
const REDRAW_MS = 1000;

/** 130 when interrupted, else 0 if the stack was Ready then. */
export async function watchScreen(watch: WatchOptions): Promise<number> {
  const end = new Ending<number>();
  const source = new LiveSource({
    ...watch,
    onLook: (look, kind) => view.update((state) => withLook(state, look, kind)),
    onError: end.failed,
  });
  const view = new LiveScreen(firstState(await source.first()), watch.intervalMs, end);
  const interrupted = () => end.as(EXIT.interrupted);
  onAbort(watch.stop, interrupted);
  // Not once: a listener that has gone when ink's own looks around lets that one end the process.
  process.on('SIGHUP', interrupted);
  try {
    view.open();
    await source.start();
    return await end.reached;
  } finally {
    process.off('SIGHUP', interrupted);
    view.close();
    await source.stop();
  }
}

class LiveScreen {
  private readonly screen = new FullScreen({
    terminal: process.stdout,
    glyphs: isUtf8(process.env) ? (frame) => frame : asciiOnly,
  });
  private readonly paint = paintFor(process.stdout);
  private ink: Instance | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private state: LiveState,
    private readonly intervalMs: number,
    private readonly end: Ending<number>,
  ) {}

  open(): void {
    this.screen.take();
    this.ink = render(this.drawing(), {
      // It writes, and has columns: all that ink asks of it where each frame is written whole (debug).
      stdout: this.screen as unknown as NodeJS.WriteStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    this.ink.waitUntilExit().catch(this.end.failed);
    this.timer = setInterval(this.draw, REDRAW_MS);
    process.stdout.on('resize', this.draw);
  }

  close(): void {
    clearInterval(this.timer);
    process.stdout.off('resize', this.draw);
    this.ink?.unmount();
    this.screen.giveBack();
  }

  update(change: (state: LiveState) => LiveState): void {
    this.state = change(this.state);
    this.draw();
  }

  private readonly draw = (): void => {
    try {
      this.ink?.rerender(this.drawing());
    } catch (error) {
      this.end.failed(error);
    }
  };

  private drawing() {
    const { size } = this.screen;
    const facts = { ...this.state, intervalMs: this.intervalMs, size, now: Date.now(), paint: this.paint };
    return (
      <>
        <Keyboard onKey={this.onKey} />
        <Screen view={liveView(facts)} size={size} />
      </>
    );
  }

  private readonly onKey = (key: LiveKey): void => {
    if (key === 'interrupt') this.end.as(EXIT.interrupted);
    else if (key === 'quit') this.end.as(isReady(this.state.look.status.conditions) ? EXIT.ok : EXIT.failed);
    else this.update((state) => withKey(state, key));
  };
}
