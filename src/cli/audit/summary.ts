/** How much of what: counts of events by name, the period, starts of the controller. */
import { text, type AuditEvent } from './audit-event.js';
import { Notes } from './bounded.js';

export interface Period {
  readonly from: string;
  readonly to: string;
}

const MOST_NAMES = 100;

export class Summary {
  readonly #counts = new Notes<{ readonly name: string; count: number }>(MOST_NAMES);
  #events = 0;
  #from: string | undefined;
  #to = '';
  #isControllerUp = false;
  #crashes = 0;
  #promotions = 0;

  get events(): number {
    return this.#events;
  }

  /** Controllers that never said that they stopped. */
  get crashes(): number {
    return this.#crashes;
  }

  /** Completed ones: a canary that starts is none yet. */
  get promotions(): number {
    return this.#promotions;
  }

  /** Of the first and the last event that carry a time. */
  get period(): Period | undefined {
    return this.#from === undefined ? undefined : { from: this.#from, to: this.#to };
  }

  add(event: AuditEvent): void {
    this.#events += 1;
    const counted = this.#counts.get(event.event);
    if (counted === undefined) this.#counts.set(event.event, { name: event.event, count: 1 });
    else counted.count += 1;
    if (event.event === 'promote' && event.target_mode !== 'canary') this.#promotions += 1;
    const timestamp = text(event.timestamp);
    this.#from ??= timestamp;
    this.#to = timestamp ?? this.#to;
    this.#noteController(event);
  }

  count(name: string): number {
    return this.#counts.get(name)?.count ?? 0;
  }

  byName(): Readonly<Record<string, number>> {
    const rows = this.#counts.values().map(({ name, count }) => [name, count] as const);
    return Object.fromEntries(rows.sort(([, one], [, other]) => other - one));
  }

  #noteController({ event }: AuditEvent): void {
    if (event === 'controller_stopped') this.#isControllerUp = false;
    if (event !== 'controller_started') return;
    if (this.#isControllerUp) this.#crashes += 1;
    this.#isControllerUp = true;
  }
}
