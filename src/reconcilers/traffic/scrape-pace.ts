/** How often a service's metrics are read. Pure; the reasons are in docs/decisions/0018-metrics-at-the-pace-of-traffic.md. */

export const BUSY_MS = 5000;
/** After the last request every replica is read on for so long … */
const QUIET_AFTER_MS = 60_000;
/** … and for so long one of them, as often: whoever came lately may come again. */
const IDLE_AFTER_MS = 600_000;
/** Then a stack of many replicas, whose health costs enough, is looked at less often. */
const IDLE_PER_REPLICA_MS = 1500;
const SLOWEST_IDLE_MS = 30_000;
/** An app that has no metrics is given some only with a new container. */
const WITHOUT_METRICS_MS = 60_000;

export interface Pulse {
  /** When requests were counted last; epoch milliseconds. */
  readonly movedMs: number;
  readonly hasCanary: boolean;
  readonly hasMetrics: boolean;
}

/** Every replica is asked at every look; else one stands for all. */
export function isBusy({ movedMs, hasCanary }: Pulse, nowMs: number): boolean {
  return hasCanary || nowMs - movedMs < QUIET_AFTER_MS;
}

/** Until the next look; `replicas`: of the whole stack. */
export function pauseMs(pulse: Pulse, replicas: number, nowMs: number): number {
  if (!pulse.hasMetrics) return WITHOUT_METRICS_MS;
  if (pulse.hasCanary || nowMs - pulse.movedMs < IDLE_AFTER_MS) return BUSY_MS;
  return Math.min(SLOWEST_IDLE_MS, Math.max(BUSY_MS, replicas * IDLE_PER_REPLICA_MS));
}
