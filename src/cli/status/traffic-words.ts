/** What was measured of a service's traffic, in words; what is not known is `-`, never 0. Pure. */
import { spanWords } from '../basics/age-words.js';
import type { ServiceStatus, TrackStatus } from './status-document.js';

export type TrackTraffic = NonNullable<TrackStatus['traffic']>;

export const UNKNOWN = '-';

/** Figures stand still while nobody asks anything. */
const STILL_MS = 60_000;

/** `4.2`; whole from 1000 on. */
export function rateWords(perSecond: number | undefined): string {
  if (perSecond === undefined) return UNKNOWN;
  return perSecond >= 1000 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

export function percentWords(percent: number | undefined): string {
  return percent === undefined ? UNKNOWN : `${percent.toFixed(2)} %`;
}

/** `4.2 ms`, `480 ms`, `2.31 s`. */
export function latencyWords(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`;
}

/** `mode canary · chaos error · up 2 h · figures over 30 s`: what is known of it. */
export function aboutService({ mode, tracks, traffic }: ServiceStatus, now: number): string {
  const missed = tracks.reduce((sum, track) => sum + (track.traffic?.missedScrapes ?? 0), 0);
  const parts = [
    `mode ${mode}`,
    ...(traffic?.chaos === undefined ? [] : [`chaos ${traffic.chaos}`]),
    ...(traffic === undefined ? [] : timeWords(traffic, now)),
    ...(missed === 0 ? [] : [`${String(missed)} of its replicas did not answer`]),
  ];
  return parts.join(' · ');
}

/** Whether there is more to say than the table does. */
export function isMeasured({ traffic }: ServiceStatus): boolean {
  return traffic !== undefined;
}

type ServiceTraffic = NonNullable<ServiceStatus['traffic']>;

function timeWords({ scrapedAt, windowSeconds, uptimeSeconds }: ServiceTraffic, now: number): string[] {
  const scrapedMs = Date.parse(scrapedAt);
  const still = now - scrapedMs < STILL_MS ? undefined : spanWords(scrapedAt, now);
  return [
    ...(uptimeSeconds === undefined ? [] : [`up ${uptimeWords(scrapedMs - uptimeSeconds * 1000, now)}`]),
    `figures over ${windowSeconds.toFixed(0)} s${still === undefined ? '' : `, unchanged for ${still}`}`,
  ];
}

function uptimeWords(startedMs: number, now: number): string {
  const isTime = Number.isFinite(startedMs);
  return (isTime ? spanWords(new Date(startedMs).toISOString(), now) : undefined) ?? 'a moment';
}
