/** What left the applied state, what brought it back, and how long that took. */
import type { DriftKind } from '../../reconcilers/plan/steps.js';
import { finite, span, text, type AuditEvent } from './audit-event.js';
import { Newest, Notes, type Listing } from './bounded.js';

export interface Drift {
  readonly target: string;
  readonly kind: string;
  readonly cause: string;
  readonly detected?: string;
  healed?: string;
  /** What heals this kind of drift. */
  healedBy?: string;
  tookMs?: number;
}

export class Drifts {
  readonly #drifts: Newest<Drift>;
  readonly #open = new Notes<Drift>();
  #healed = 0;
  #detected = 0;

  constructor(limit: number) {
    this.#drifts = new Newest(limit);
  }

  get detected(): number {
    return this.#detected;
  }

  get healed(): number {
    return this.#healed;
  }

  add(event: AuditEvent): void {
    if (event.event === 'drift_detected') this.#detect(event);
    if (event.event === 'drift_healed') this.#heal(event);
  }

  listing(): Listing<Drift> {
    return this.#drifts.listing();
  }

  #detect(event: AuditEvent): void {
    this.#detected += 1;
    const drift: Drift = { ...story(event), detected: event.timestamp };
    this.#drifts.push(drift);
    this.#open.set(keyOf(drift), drift);
  }

  #heal(event: AuditEvent): void {
    this.#healed += 1;
    const said = story(event);
    const open = this.#open.get(keyOf(said));
    const drift: Drift = open ?? said;
    if (open === undefined) this.#drifts.push(drift);
    this.#open.delete(keyOf(said));
    drift.healed = event.timestamp;
    const healedBy = (HEALED_BY as Readonly<Record<string, string>>)[said.kind];
    const tookMs = finite(event.duration_ms) ?? span(drift.detected, event.timestamp);
    if (healedBy !== undefined) drift.healedBy = healedBy;
    if (tookMs !== undefined) drift.tookMs = tookMs;
  }
}

const HEALED_BY: Readonly<Record<DriftKind, string>> = {
  removed: 'made again',
  stopped: 'started again',
  paused: 'unpaused',
  renamed: 'renamed back',
  disconnected: 'connected again',
  connected: 'disconnected from it',
  changed: 'replaced by a new one',
  resources: 'limits set again',
  unhealthy: 'restarted',
  duplicate: 'the surplus one removed',
  image: 'a new container of the image',
  'proxy-config': 'configuration written again',
};

function story(event: AuditEvent): Drift {
  return {
    target: text(event.target) ?? 'unknown',
    kind: text(event.kind) ?? 'unknown',
    cause: text(event.cause) ?? '',
  };
}

function keyOf({ kind, target }: Drift): string {
  return `${kind}\n${target}`;
}
