/**
 * Asks every replica for its health through the proxy, each on its own clock, so that a replica that hangs never holds up a tick.
 * A change of health is told as a trigger; what is known is read by the next observation.
 */
import { toNextBeat } from '../../controller/beat.js';
import type { GetResult } from '../../probes/health/http-get.js';
import type { HealthSpec } from '../desired/stack-spec.js';
import { REPLICA_STATUS_HEADER } from '../proxy/render-admin.js';
import type { ObservedHealth } from './world.js';

export interface HealthTarget {
  readonly containerId: string;
  /** A new start is a new life: what was known is forgotten. */
  readonly startedAt: number;
  readonly port: number;
  readonly health: HealthSpec;
}

/** Where it is asked, and how often it may fail. */
type Asked = Pick<HealthTarget, 'port' | 'health'>;

/** Absent when nobody could be asked (no proxy): that says nothing about the replica. */
export type AskHealth = (target: HealthTarget) => Promise<GetResult | undefined>;

interface Watch {
  target: HealthTarget;
  state: ObservedHealth | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Since when it is not known to be well, on `performance.now()`'s clock; absent while it is. */
  waitingSince: number | undefined;
  /** It was past its deadline when it was first asked: it does not start, it is up or ill. */
  readonly wasUp: boolean;
  /** When an answer was counted last, on `performance.now()`'s clock. */
  countedAt: number | undefined;
}

/** While it is not healthy: the pauses between two looks, in milliseconds. */
const SHORTEST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 1000;
/** Of the time that it has been waited for: what is late by much may be seen late by little. */
const WAIT_SHARE = 0.08;
/** What a look costs; many that start at once are asked less often. */
const WAIT_PER_STARTING_MS = 3;

export class HealthMonitor {
  private readonly watches = new Map<string, Watch>();

  constructor(
    private readonly ask: AskHealth,
    private readonly onChange: () => void,
  ) {}

  /** Watches exactly these from now on. */
  watch(targets: readonly HealthTarget[]): void {
    const wanted = new Map(targets.map((target) => [target.containerId, target]));
    for (const [id, watch] of this.watches) if (!wanted.has(id)) this.end(id, watch);
    for (const target of wanted.values()) this.begin(target);
  }

  known(): ReadonlyMap<string, ObservedHealth> {
    const entries = [...this.watches].flatMap(([id, { state }]) =>
      state === undefined ? [] : [[id, state] as const],
    );
    return new Map(entries);
  }

  stop(): void {
    for (const [id, watch] of this.watches) this.end(id, watch);
  }

  private begin(target: HealthTarget): void {
    const known = this.watches.get(target.containerId);
    if (known !== undefined && isSameQuestion(known.target, target)) {
      known.target = target;
      return;
    }
    if (known !== undefined) this.end(target.containerId, known);
    const watch: Watch = {
      target,
      state: undefined,
      timer: undefined,
      waitingSince: undefined,
      wasUp: Date.now() - target.startedAt >= target.health.deadlineMs,
      countedAt: undefined,
    };
    this.watches.set(target.containerId, watch);
    this.schedule(watch, 0);
  }

  private end(id: string, watch: Watch): void {
    clearTimeout(watch.timer);
    this.watches.delete(id);
  }

  private schedule(watch: Watch, afterMs: number): void {
    watch.timer = setTimeout(() => void this.look(watch), afterMs);
  }

  private async look(watch: Watch): Promise<void> {
    const answer = await this.ask(watch.target);
    if (this.watches.get(watch.target.containerId) !== watch) return;
    const before = watch.state;
    const now = performance.now();
    if (answer !== undefined && counts(watch, answer, now)) {
      watch.state = nextHealth(before, answer, watch.target);
      watch.countedAt = now;
    }
    this.schedule(watch, this.nextDelay(watch));
    if (isNews(before, watch.state, watch.target.health.retries)) this.onChange();
  }

  private nextDelay(watch: Watch): number {
    const { intervalMs } = watch.target.health;
    const now = performance.now();
    // Also after a bad answer: `retries` of them in a few milliseconds would make a hiccup an end.
    if (watch.state?.healthy === true) {
      watch.waitingSince = undefined;
      return toNextBeat(intervalMs, now);
    }
    watch.waitingSince ??= now;
    const fairMs = WAIT_PER_STARTING_MS * this.countWaiting();
    const waitMs = Math.max(SHORTEST_WAIT_MS, fairMs, WAIT_SHARE * (now - watch.waitingSince));
    return Math.min(waitMs, LONGEST_WAIT_MS, intervalMs);
  }

  private countWaiting(): number {
    return [...this.watches.values()].filter(({ waitingSince }) => waitingSince !== undefined).length;
  }
}

/**
 * What is not known to be well is asked often, to see its first good answer early. Of one that starts, each bad answer counts; of
 * one that was up before anybody asked, one an interval: as many within milliseconds would make a hiccup an end.
 */
function counts({ wasUp, state, countedAt, target }: Watch, answer: GetResult, now: number): boolean {
  if (!wasUp || state?.wasHealthy === true || failureWords(answer, target) === undefined) return true;
  return countedAt === undefined || now - countedAt >= target.health.intervalMs;
}

/** Another life or another question: what was known says nothing about it. */
function isSameQuestion(before: HealthTarget, now: HealthTarget): boolean {
  const isSamePlace = before.port === now.port && before.health.path === now.health.path;
  return isSamePlace && before.startedAt === now.startedAt;
}

/** Healthy again at the first good answer; unhealthy, once it was healthy, only after `retries` bad ones in a row. */
export function nextHealth(
  before: ObservedHealth | undefined,
  answer: GetResult,
  asked: Asked,
): ObservedHealth {
  const failure = failureWords(answer, asked);
  if (failure === undefined) return { healthy: true, wasHealthy: true, failuresInARow: 0 };
  const failuresInARow = (before?.failuresInARow ?? 0) + 1;
  const wasHealthy = before?.wasHealthy ?? false;
  return {
    healthy: wasHealthy && failuresInARow < asked.health.retries,
    wasHealthy,
    failuresInARow,
    lastFailure: failure,
  };
}

function isNews(
  before: ObservedHealth | undefined,
  after: ObservedHealth | undefined,
  retries: number,
): boolean {
  return (
    before?.healthy !== after?.healthy ||
    (after?.failuresInARow === retries && before?.failuresInARow !== retries)
  );
}

function failureWords(answer: GetResult, { port, health }: Asked): string | undefined {
  if (!answer.answered) return `no answer (${answer.code})`;
  if (answer.status >= 200 && answer.status < 400) return undefined;
  const fromReplica = answer.headers[REPLICA_STATUS_HEADER] === String(answer.status);
  if (answer.status === 502)
    return fromReplica
      ? `it refuses connections to port ${String(port)} or cuts them (asked for ${health.path})`
      : 'its name does not resolve';
  return answer.status === 504 ? 'it did not answer in time' : `it answered ${String(answer.status)}`;
}
