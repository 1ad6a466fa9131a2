/**
 * Scrapes as events: which of them are worth a line of the history, and what it says. Each while a canary is live or a policy
 * fails; else when something is different from what was told, and once a minute while there is traffic.
 */
import type { HistoryEvent, HistoryEventInput } from '../../controller/history/history-event.js';
import type { Answer } from '../policy/answer.js';
import type { ScrapedService } from './targets.js';
import { trackKey, type ChaosMode, type Traffic, type TrackTraffic } from './traffic.js';

/** The last answers of the published domains; absent where nobody was asked. */
export interface PolicyWord {
  readonly infrastructure?: boolean;
  readonly canary?: boolean;
}

/** An answer that never came is no word. */
export function wordsOf(answers: readonly Pick<Answer, 'domain' | 'allow' | 'code'>[]): PolicyWord {
  const said = answers.filter(({ code }) => code === undefined);
  const word = (name: string) => said.findLast(({ domain }) => domain === name)?.allow;
  const [infrastructure, canary] = [word('infrastructure'), word('canary')];
  return {
    ...(infrastructure === undefined ? {} : { infrastructure }),
    ...(canary === undefined ? {} : { canary }),
  };
}

export interface Told extends HistoryEventInput {
  readonly service: string;
  readonly mode: string;
  readonly error_rate_percent?: number;
  readonly p99_latency_ms?: number;
  readonly requests_per_second?: number;
  readonly chaos?: ChaosMode;
  readonly policy_infra_pass?: boolean;
  readonly policy_canary_pass?: boolean;
}

const TRAFFIC_PAUSE_MS = 60_000;
/** Figures this close are the same story. */
const ERROR_STEP_PERCENT = 1;
const RELATIVE_STEP = 0.25;

export class ScrapeStory {
  private readonly last = new Map<string, { event: Told; atMs: number }>();
  private readonly chaos = new Map<string, ChaosMode>();

  /** What was told by whoever looked before; oldest first. */
  recall(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      const told = toldBefore(event);
      if (told !== undefined) this.last.set(told.service, { event: told, atMs: Date.parse(event.timestamp) });
    }
  }

  /** What one look at a service adds to the history. */
  tell(service: ScrapedService, traffic: Traffic, words: PolicyWord, nowMs: number): HistoryEventInput[] {
    const figures = traffic.get(service.name);
    if (figures === undefined) return [];
    const event = scrapeEvent(service, traffic, words);
    const chaos = this.chaosEvents(service.name, figures.service.chaos);
    const before = this.last.get(service.name);
    if (!isWorthALine(service, event, before, nowMs)) return chaos;
    this.last.set(service.name, { event, atMs: nowMs });
    return [...chaos, event];
  }

  /** Nothing is said of an app that never was in chaos. */
  chaosEvents(service: string, chaos: ChaosMode | undefined): HistoryEventInput[] {
    const before = this.chaos.get(service) ?? 'none';
    if (chaos === undefined || chaos === before) return [];
    this.chaos.set(service, chaos);
    return [{ event: 'chaos', service, mode: chaos }];
  }
}

function toldBefore(event: HistoryEvent): Told | undefined {
  return event.event === 'status_scrape' && typeof event.service === 'string'
    ? (event as unknown as Told)
    : undefined;
}

/** Of the track that the mode names: with a canary, its figures are what is asked about. */
function scrapeEvent(
  { name, mode, tracks }: ScrapedService,
  traffic: Traffic,
  { infrastructure, canary }: PolicyWord,
): Told {
  const figures = traffic.get(name);
  const track = tracks.find((one) => one.track === mode) ?? tracks[0];
  const of: Partial<TrackTraffic> = track === undefined ? {} : (figures?.tracks.get(trackKey(track)) ?? {});
  const chaos = figures?.service.chaos;
  return {
    event: 'status_scrape',
    service: name,
    mode,
    ...(of.errorRatePercent === undefined ? {} : { error_rate_percent: of.errorRatePercent }),
    ...(of.p99LatencyMs === undefined ? {} : { p99_latency_ms: of.p99LatencyMs }),
    ...(of.requestsPerSecond === undefined ? {} : { requests_per_second: of.requestsPerSecond }),
    ...(chaos === undefined ? {} : { chaos }),
    ...(infrastructure === undefined ? {} : { policy_infra_pass: infrastructure }),
    ...(canary === undefined ? {} : { policy_canary_pass: canary }),
  };
}

function isWorthALine(
  { tracks }: ScrapedService,
  event: Told,
  before: { event: Told; atMs: number } | undefined,
  nowMs: number,
): boolean {
  if (tracks.some(({ track }) => track === 'canary')) return true;
  if (event.policy_infra_pass === false || event.policy_canary_pass === false) return true;
  const comes = (event.requests_per_second ?? 0) > 0;
  if (before === undefined) return comes; // of an idle stack there is nothing to tell
  if (isOtherStory(before.event, event)) return true;
  return comes && nowMs - before.atMs >= TRAFFIC_PAUSE_MS;
}

function isOtherStory(before: Told, now: Told): boolean {
  const isOther = (['mode', 'chaos', 'policy_infra_pass', 'policy_canary_pass'] as const).some(
    (field) => before[field] !== now[field],
  );
  return (
    isOther ||
    differ(
      before.error_rate_percent,
      now.error_rate_percent,
      (a, b) => Math.abs(a - b) > ERROR_STEP_PERCENT,
    ) ||
    differ(before.p99_latency_ms, now.p99_latency_ms, isFarFrom) ||
    differ(before.requests_per_second, now.requests_per_second, isFarFrom)
  );
}

function differ(
  before: number | undefined,
  now: number | undefined,
  far: (a: number, b: number) => boolean,
): boolean {
  return before === undefined || now === undefined ? before !== now : far(before, now);
}

function isFarFrom(a: number, b: number): boolean {
  return Math.abs(a - b) > RELATIVE_STEP * Math.max(a, b);
}
