/** A signal that also fires by the clock. */

/**
 * Fires when `stop` does, or after `timeoutMs`. Not made by `AbortSignal.any`, which holds nothing of what it waits for: Node.js
 * collects a timer that nobody else refers to, and whoever waits for it waits for ever (nodejs/node#57736).
 */
export function orAfter(stop: AbortSignal, timeoutMs: number): AbortSignal {
  const either = new AbortController();
  const end = () => either.abort();
  setTimeout(end, timeoutMs).unref();
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  return either.signal;
}
