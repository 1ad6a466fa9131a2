/** `swiftdeploy status --watch`: full screen on a terminal, else a block of text per look. */
import type { CommonOptions } from '../../basics/paths.js';
import { stopSignal } from '../../basics/signals.js';
import { watchBlocks } from './watch-blocks.js';
import type { WatchOptions } from './watch-options.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Resolves with the exit code when the user has seen enough. */
export async function watchStatus(options: CommonOptions, intervalMs: number): Promise<number> {
  const watch: WatchOptions = { options, intervalMs, stop: stopSignal() };
  if (!hasScreen(process, process.env)) return watchBlocks(watch);
  // React's other build measures every drawing, and keeps the measures for ever.
  process.env.NODE_ENV ??= 'production';
  const { watchScreen } = await import('./watch-screen.js');
  return watchScreen(watch);
}

/** Keys and a screen to paint on; a job's log is none, even where it says that it is a terminal. */
export function hasScreen(
  {
    stdin,
    stdout,
  }: { readonly stdin: { readonly isTTY?: boolean }; readonly stdout: { readonly isTTY?: boolean } },
  { TERM, CI }: Env,
): boolean {
  const isCi = CI !== undefined && !['', '0', 'false'].includes(CI);
  return stdin.isTTY === true && stdout.isTTY === true && TERM !== 'dumb' && !isCi;
}
