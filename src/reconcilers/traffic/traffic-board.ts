/**
 * The figures as they are shown. A service's figures are replaced only when one of them changed, time and uptime apart: so an idle
 * stack's status.json stays as it is.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceFigures } from './service-book.js';
import type { Traffic, TrafficFigures } from './traffic.js';

/** Uptimes come in whole seconds, and a look takes a moment. */
const SAME_START_MS = 2500;

export class TrafficBoard {
  private readonly shown = new Map<string, { figures: ServiceFigures; told: TrafficFigures }>();

  known(): Traffic {
    return new Map([...this.shown].map(([service, { told }]) => [service, told]));
  }

  /** True if something changed. Nothing known takes it off the board. */
  show(service: string, figures: ServiceFigures | undefined, nowMs: number): boolean {
    const before = this.shown.get(service)?.figures;
    if (figures === undefined) return this.shown.delete(service);
    if (before !== undefined && isSame(before, figures)) return false;
    this.shown.set(service, { figures, told: toldOf(figures, nowMs) });
    return true;
  }
}

function isSame(before: ServiceFigures, now: ServiceFigures): boolean {
  const { upSinceMs: startBefore, ...figuresBefore } = before;
  const { upSinceMs: start, ...figures } = now;
  const isSameProcess =
    startBefore === undefined || start === undefined
      ? startBefore === start
      : Math.abs(startBefore - start) < SAME_START_MS;
  return isSameProcess && isDeepStrictEqual(figuresBefore, figures);
}

function toldOf({ windowSeconds, tracks, chaos, upSinceMs }: ServiceFigures, nowMs: number): TrafficFigures {
  return {
    service: {
      scrapedAt: new Date(nowMs).toISOString(),
      windowSeconds,
      ...(chaos === undefined ? {} : { chaos }),
      ...(upSinceMs === undefined
        ? {}
        : { uptimeSeconds: Math.max(0, Math.round((nowMs - upSinceMs) / 1000)) }),
    },
    tracks,
  };
}
