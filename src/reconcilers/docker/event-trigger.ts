/**
 * Follows the Engine's events and turns them into "look again": what to forget, and that a tick is due. The one thing that is learned of them is how a container ended.
 * Broken streams are followed again from the last event on, after a pause; every reconnect is a full resync.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backoff } from '../../controller/backoff.js';
import type { Trigger } from '../../controller/controller.js';
import { LABEL } from '../plan/container-template.js';
import type { Engine, EngineEvent } from './engine.js';

export interface EventTriggerOptions {
  readonly engine: Engine;
  readonly key: string;
  readonly stack: string;
  readonly backoff: Backoff;
  /** Names of networks and volumes, and ids of containers, that this stack has or needs. */
  readonly names: () => ReadonlySet<string>;
  /** Somebody else has a name or a port that the stack needs. */
  readonly isBlocked: () => boolean;
  /** Told of each event that concerns the stack, before anything is forgotten. */
  readonly heard: (event: EngineEvent) => void;
  readonly forgetContainer: (id: string) => void;
  readonly forgetImages: () => void;
  /** Somebody ran a program in a container or copied files into it. */
  readonly forgetFiles: () => void;
  readonly forgetAll: () => void;
  /** Once per outage. */
  readonly onBroken: (error: unknown) => void;
}

/** What our own looking causes; a tick for these would never end. */
const NOISE = new Set([
  'top',
  'archive-path',
  'exec_create',
  'exec_start',
  'resize',
  'attach',
  'detach',
  'export',
]);
const LEAVING = new Set(['die', 'destroy', 'rename']);
const FILE_ACTIONS = new Set(['exec_die', 'extract-to-dir']);
const STREAM = 'events';

export class EventTrigger implements Trigger {
  private readonly stopping = new AbortController();
  private since: string | undefined;
  private following: Promise<void> = Promise.resolve();

  constructor(private readonly options: EventTriggerOptions) {}

  start(enqueue: (key: string) => void): void {
    this.following = this.follow(() => enqueue(this.options.key));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
  }

  private async follow(enqueue: () => void): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.options.engine.followEvents({
          ...(this.since === undefined ? {} : { since: this.since }),
          signal,
          onOpen: () => this.opened(enqueue),
          onEvent: (event) => this.heard(event, enqueue),
        });
      } catch (error) {
        if (this.options.backoff.failures(STREAM) === 0) this.options.onBroken(error);
      }
      enqueue();
      await sleep(this.options.backoff.next(STREAM), undefined, { signal }).catch(() => undefined);
    }
  }

  private opened(enqueue: () => void): void {
    this.options.backoff.reset(STREAM);
    this.options.forgetAll();
    enqueue();
  }

  private heard(event: EngineEvent, enqueue: () => void): void {
    this.since = event.at;
    const action = event.action.split(':', 1)[0] ?? '';
    if (NOISE.has(action) || !this.concerns(event)) return;
    this.options.heard(event);
    if (event.type === 'image') this.options.forgetImages();
    if (event.type === 'container') this.options.forgetContainer(event.id);
    if (event.type === 'network') this.options.forgetContainer(event.attributes.container ?? '');
    if (FILE_ACTIONS.has(action)) this.options.forgetFiles();
    enqueue();
  }

  /** Ours by label or by name; and what leaves, while somebody else has what we need. */
  private concerns({ type, action, id, attributes }: EngineEvent): boolean {
    if (type === 'container') {
      if (attributes[LABEL.stack] === this.options.stack) return attributes[LABEL.role] !== 'check';
      return LEAVING.has(action) && this.options.isBlocked();
    }
    if (type === 'image') return true;
    const names = this.options.names();
    return [id, attributes.name, attributes.container].some((name) => name !== undefined && names.has(name));
  }
}
