/** Who had done what the policies denied: each override with its reason and the rules that it overruled. */
import { finite, text, type AuditEvent } from './audit-event.js';
import { Newest, type Listing } from './bounded.js';

export interface OverrideNote {
  readonly timestamp: string;
  readonly who: string;
  readonly why: string;
  /** What was asked for, and of what: `deploy app`. */
  readonly what: string;
  readonly generation?: number;
  /** `infrastructure: disk_free_gb is 4.2, minimum required is 10.0`. */
  readonly denied: readonly string[];
}

const MOST_RULES = 20;

export class Overrides {
  readonly #overrides: Newest<OverrideNote>;
  #count = 0;

  constructor(limit: number) {
    this.#overrides = new Newest(limit);
  }

  get count(): number {
    return this.#count;
  }

  add(event: AuditEvent): void {
    if (event.event !== 'policy_overridden') return;
    this.#count += 1;
    const generation = finite(event.generation);
    const what = [text(event.question), text(event.service) ?? text(event.target)];
    this.#overrides.push({
      timestamp: event.timestamp,
      who: text(event.who) ?? 'unknown',
      why: text(event.why) ?? 'no reason given',
      what: what.filter((word) => word !== undefined).join(' ') || 'unknown',
      ...(generation === undefined ? {} : { generation }),
      denied: deniedTexts(event.denied),
    });
  }

  listing(): Listing<OverrideNote> {
    return this.#overrides.listing();
  }
}

function deniedTexts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_RULES).flatMap((denied: unknown) => {
    const fields =
      typeof denied === 'object' && denied !== null ? (denied as Partial<Record<string, unknown>>) : {};
    const words = [text(fields.domain), text(fields.message) ?? text(fields.code)];
    return words.every((word) => word === undefined)
      ? []
      : [words.filter((word) => word !== undefined).join(': ')];
  });
}
