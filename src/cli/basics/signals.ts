/** Ctrl-C, SIGTERM, and SIGHUP of a terminal that closes: the first ends the command in order, a second SIGINT at once. */
import { setMaxListeners } from 'node:events';
import { EXIT } from './exit.js';

/** Fires at the first of these signals; from then on another SIGINT ends the process with 130. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // Whatever a command does side by side may listen; Node.js warns of more than ten.
  setMaxListeners(0, stop.signal);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  });
  return stop.signal;
}

/** What `work` resolves with, or undefined as soon as `signal` fires; `work` itself goes on unheard. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
