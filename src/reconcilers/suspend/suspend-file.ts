/** What persons have suspended, in the state directory: for its owner alone, replaced whole, believed only when it is whole. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StatusFile } from '../../controller/status-file.js';
import type { Suspend } from '../plan/suspension.js';
import { asObject } from '../policy/json-value.js';
import { shownText } from '../policy/override.js';

/** A person's, whole. */
export type PersonSuspend = Suspend & Required<Pick<Suspend, 'who' | 'why'>> & { readonly by: 'person' };

export interface SuspendRequests {
  readonly suspends: readonly PersonSuspend[];
  /** Who ended something last, `user@host`. */
  readonly endedBy?: string;
}

export class SuspendFile {
  readonly path: string;
  readonly #file: StatusFile;

  constructor(stateDir: string) {
    this.path = join(stateDir, 'suspend.json');
    this.#file = new StatusFile(this.path, { mode: 0o600 });
  }

  /** What is over is left out of what is written. */
  async leave({ suspends, endedBy }: SuspendRequests): Promise<void> {
    const kept = suspends.filter((suspend) => !isOver(suspend, Date.now()));
    await this.#file.write({ suspends: kept, ...(endedBy === undefined ? {} : { endedBy }) });
  }

  /** Empty where there is none; undefined where what stands there cannot be believed. */
  async read(): Promise<SuspendRequests | undefined> {
    const value = asObject(await this.#file.read());
    if (value !== undefined) return requestsOf(value);
    return existsSync(this.path) ? undefined : { suspends: [] };
  }
}

/** `now`: epoch milliseconds. */
export function isOver({ until }: Pick<Suspend, 'until'>, now: number): boolean {
  return until !== undefined && Date.parse(until) <= now;
}

/** Cleaned again: whoever can write the file may have written it by hand. */
function requestsOf({ suspends, endedBy }: Readonly<Record<string, unknown>>): SuspendRequests | undefined {
  if (!Array.isArray(suspends)) return undefined;
  const known = suspends.map(suspendOf).filter((suspend) => suspend !== undefined);
  if (known.length < suspends.length) return undefined;
  return { suspends: known, ...(typeof endedBy === 'string' ? { endedBy: shownText(endedBy) } : {}) };
}

function suspendOf(value: unknown): PersonSuspend | undefined {
  const { service, who, why, since, until } = asObject(value) ?? {};
  if (typeof who !== 'string' || typeof why !== 'string' || !isTime(since)) return undefined;
  if (!isOptional(service, isText) || !isOptional(until, isTime)) return undefined;
  return {
    by: 'person',
    who: shownText(who),
    why: shownText(why),
    since,
    ...(service === undefined ? {} : { service: shownText(service) }),
    ...(until === undefined ? {} : { until }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value);
}
