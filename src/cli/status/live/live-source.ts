/** Keeps looking at a stack: when its files change, each second at the history, and at each interval with fresh figures. */
import { stat } from 'node:fs/promises';
import { FileTrigger } from '../../../controller/triggers/file-trigger.js';
import { stackPaths, type CommonOptions } from '../../basics/paths.js';
import { unlessAborted } from '../../basics/signals.js';
import { words } from '../../basics/talk.js';
import { lookAtEngine, lookAtFiles, lookOf, type EngineLook, type Look } from '../look.js';
import { refreshed } from '../refreshed.js';
import type { LookKind } from './live-state.js';

export interface LiveSourceOptions {
  readonly options: CommonOptions;
  readonly intervalMs: number;
  readonly stop: AbortSignal;
  readonly onLook: (look: Look, kind: LookKind) => void;
  /** What nobody expected; the source goes on. */
  readonly onError: (error: unknown) => void;
}

const POLL_MS = 1000;
/** A scrape that is being written is not cut short for nothing. */
const PATIENCE_MS = 1000;

export class LiveSource {
  private readonly trigger: FileTrigger;
  private files: Omit<Look, 'lock'> | undefined;
  private engine: EngineLook = { lock: 'not asked' };
  private trouble: string | undefined;
  private history = '';
  private measuring: Promise<void> | undefined;
  private looking: Promise<void> = Promise.resolve();
  private timers: readonly NodeJS.Timeout[] = [];

  constructor(private readonly given: LiveSourceOptions) {
    const { status, manifest } = stackPaths(given.options);
    this.trigger = new FileTrigger({ key: 'status', paths: [status, manifest], pollMs: POLL_MS });
  }

  /** The first look, at the files alone; throws in words where there is nothing to see. */
  async first(): Promise<Look> {
    this.files = await lookAtFiles(this.given.options);
    return lookOf(this.files, this.engine, new Date());
  }

  /** From now on `onLook` hears of everything. */
  async start(): Promise<void> {
    const told = (work: () => Promise<void>) => () => void work().catch(this.given.onError);
    const measure = told(() => this.measure());
    this.timers = [
      setInterval(measure, this.given.intervalMs),
      setInterval(
        told(() => this.pollHistory()),
        POLL_MS,
      ),
    ];
    measure();
    await this.trigger.start(told(() => this.look('between')));
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.trigger.stop();
    await unlessAborted(this.measuring ?? Promise.resolve(), AbortSignal.timeout(PATIENCE_MS));
  }

  /** One at a time: an engine that is slow is not asked twice. */
  private measure(): Promise<void> {
    this.measuring ??= this.measureAndLook().finally(() => {
      this.measuring = undefined;
    });
    return this.measuring;
  }

  private async measureAndLook(): Promise<void> {
    const { options, stop } = this.given;
    const { freshness, trouble } = await refreshed(options, stop);
    this.trouble = trouble;
    if (this.files !== undefined) this.engine = await lookAtEngine(options, this.files.status, stop);
    await this.look(freshness);
  }

  /** One after the other, so that the newest is told last. */
  private look(kind: LookKind): Promise<void> {
    const looked = this.looking.then(() => this.lookNow(kind));
    this.looking = looked.catch(() => undefined);
    return looked;
  }

  private async lookNow(kind: LookKind): Promise<void> {
    const trouble = (await this.readFiles()) ?? this.trouble;
    if (this.files === undefined) return;
    const look = lookOf(this.files, this.engine, new Date());
    this.given.onLook({ ...look, ...(trouble === undefined ? {} : { trouble }) }, kind);
  }

  /** What was seen last stays where the files say nothing now; resolves with why. */
  private async readFiles(): Promise<string | undefined> {
    try {
      this.files = await lookAtFiles(this.given.options);
      return undefined;
    } catch (error) {
      return `what follows was seen last: ${words(error)}`;
    }
  }

  private async pollHistory(): Promise<void> {
    const before = this.history;
    this.history = await signature(stackPaths(this.given.options).history);
    if (this.history !== before) await this.look('between');
  }
}

async function signature(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? '' : `${String(found.ino)}/${String(found.size)}`;
}
