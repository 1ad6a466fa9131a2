/** How long a program may take to end after SIGTERM. Pure. */
import type { ServiceSpec } from '../desired/stack-spec.js';

/** Behind the proxy its requests are over by then; the rest is for the program to end by itself. */
const AFTER_DRAIN_MS = 10_000;

/** Absent: as long as its container says, which is the service's `drain`. What nobody asks by a route may be in the middle of its work. */
export function stopGrace(spec: ServiceSpec | undefined): { readonly graceMs?: number } {
  return spec !== undefined && spec.route === undefined ? {} : { graceMs: AFTER_DRAIN_MS };
}
