/**
 * What is suspended now: by the manifest and by persons. It remembers in the state directory what it has told, so that a controller
 * that starts again tells nothing twice and misses no end.
 */
import { join } from 'node:path';
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import { StatusFile } from '../../controller/status-file.js';
import type { StackSpec } from '../desired/stack-spec.js';
import type { Suspend } from '../plan/suspension.js';
import { same } from '../plan/same.js';
import { asObject } from '../policy/json-value.js';
import { inForce } from './in-force.js';
import { suspendEvents, type SuspendChange } from './suspend-events.js';
import { SuspendFile } from './suspend-file.js';

export interface SuspendKeeperOptions {
  readonly stateDir: string;
  /** Resolves when the disk has it. */
  readonly record: (event: HistoryEventInput) => Promise<void>;
}

export class SuspendKeeper {
  /** The file whose change is worth a look. */
  readonly path: string;
  readonly #requests: SuspendFile;
  readonly #told: ToldFile;
  readonly #record: SuspendKeeperOptions['record'];
  #known: readonly Suspend[] | undefined;

  constructor({ stateDir, record }: SuspendKeeperOptions) {
    this.#requests = new SuspendFile(stateDir);
    this.#told = new ToldFile(stateDir);
    this.#record = record;
    this.path = this.#requests.path;
  }

  /** What is in force at `now` (epoch milliseconds); a full disk delays what is told of it, not that it holds. */
  async look(stack: Pick<StackSpec, 'suspend'> | undefined, now: number): Promise<readonly Suspend[]> {
    const known = (this.#known ??= await this.#told.read());
    const requests = await this.#requests.read();
    const after = inForce(stack, { told: known, requests }, now);
    const { endedBy = 'unknown' } = requests ?? {};
    if (!same(known, after)) await this.#tell({ before: known, after, endedBy, now }).catch(() => undefined);
    return after;
  }

  async #tell(change: SuspendChange): Promise<void> {
    for (const event of suspendEvents(change)) await this.#record(event);
    await this.#told.write(change.after);
    this.#known = change.after;
  }
}

/** `suspended.json`: what was in force at the last look, as the history has it. */
export class ToldFile {
  readonly #file: StatusFile;

  constructor(stateDir: string) {
    this.#file = new StatusFile(join(stateDir, 'suspended.json'), { mode: 0o600 });
  }

  async read(): Promise<readonly Suspend[]> {
    const suspends = asObject(await this.#file.read())?.suspends;
    return Array.isArray(suspends) ? (suspends as readonly Suspend[]) : [];
  }

  async write(suspends: readonly Suspend[]): Promise<void> {
    await this.#file.write({ suspends });
  }
}
