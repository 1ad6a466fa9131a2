/** What a tick means for the next one. Pure. */
import type { Outcome } from '../controller/outcome.js';
import type { TickResult } from './report/tick-result.js';
import { isAnythingUnderWay, servicesUnderWay } from './report/under-way.js';
import { steadyAt } from './report/unstable.js';

export interface TickEnd extends Pick<
  TickResult,
  'now' | 'stack' | 'plan' | 'retried' | 'world' | 'results' | 'findings'
> {
  /** Ticks in a row that changed the world. */
  readonly streak: number;
}

/** A world that changes at every look is not converging: slow down and let a person see it. */
const RUNAWAY_STREAK = 40;
const RUNAWAY_PAUSE_MS = 1000;
/** A policy engine that does not answer is asked again soon; a "no" only by the timer. */
const SILENCE_PAUSE_MS = 1000;
/** What is due already: soon, but never in a spin. */
const SHORTEST_MS = 20;
/** Health is told by trigger; this is for a trigger that got lost. */
const WATCH_MS = 1000;

/** Throws the first failure of a step: it is transient and backs off. */
export function outcomeOf(end: TickEnd): Outcome {
  const { now, plan, results, streak } = end;
  const failed = results.find((result) => result.kind === 'failed');
  if (failed !== undefined) throw failed.error;
  if (results.some(({ kind }) => kind === 'done')) {
    return streak > RUNAWAY_STREAK ? { kind: 'waiting', afterMs: RUNAWAY_PAUSE_MS } : { kind: 'progress' };
  }
  if (results.some((result) => result.kind === 'denied' && result.decision.silent)) {
    return { kind: 'waiting', afterMs: SILENCE_PAUSE_MS };
  }
  if (plan === undefined) return { kind: 'stalled' };
  if (results.length > 0) return afterDenial(end);
  const wakes = [plan.wakeAt, steadyAt(plan.services, end)].filter((at) => at !== undefined);
  if (wakes.length > 0) return waitingUntil(Math.min(...wakes), now);
  return plan.converged ? { kind: 'settled' } : { kind: 'waiting', afterMs: WATCH_MS };
}

/** What was not denied goes on meanwhile. */
function afterDenial(end: TickEnd): Outcome {
  const steady = steadyAt(end.plan?.services ?? [], end) ?? [];
  const takeover = end.plan?.isAskedAnew === true ? (end.plan.wakeAt ?? []) : [];
  const wakes = servicesUnderWay(end)
    .flatMap(({ wakeAt }) => wakeAt)
    .concat(steady, takeover);
  if (wakes.length > 0) return waitingUntil(Math.min(...wakes), end.now);
  return isAnythingUnderWay(end) ? { kind: 'waiting', afterMs: WATCH_MS } : { kind: 'stalled' };
}

function waitingUntil(at: number, now: number): Outcome {
  return { kind: 'waiting', afterMs: Math.max(SHORTEST_MS, at - now) };
}

/** The next tick comes within a second, whatever happens. */
export function isFollowedSoon({ now, plan, results }: Pick<TickEnd, 'now' | 'plan' | 'results'>): boolean {
  if (results.length > 0) return results.some(({ kind }) => kind === 'done');
  if (plan === undefined) return false;
  return plan.wakeAt === undefined ? !plan.converged : plan.wakeAt - now <= WATCH_MS;
}
