/**
 * What a tick can end in, and the one place that turns it into a time on the queue.
 * A throw is not an outcome: it is transient, and the controller backs off.
 */

/** How a tick ended; `waiting.afterMs` is when to look again, in milliseconds. */
export type Outcome =
  | { readonly kind: 'settled' }
  | { readonly kind: 'progress' }
  | { readonly kind: 'waiting'; readonly afterMs: number }
  | { readonly kind: 'stalled' };

/** Milliseconds until the next tick; never more than `resyncMs`, so that polling cannot silently die. */
export function requeueDelay(outcome: Outcome, resyncMs: number): number {
  switch (outcome.kind) {
    case 'progress':
      return 0;
    case 'waiting':
      return outcome.afterMs >= 0 ? Math.min(outcome.afterMs, resyncMs) : 0;
    case 'settled':
    case 'stalled':
      return resyncMs;
  }
}
