/** Runs the controller of an open stack until it is stopped, or, with `once`, until there is nothing more to wait for. */
import { Backoff } from '../../controller/backoff.js';
import type { Condition } from '../../controller/conditions.js';
import { Controller } from '../../controller/controller.js';
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import { startHttpListener, type HookHandler, type HttpListener } from '../../controller/http-listener.js';
import type { Outcome } from '../../controller/outcome.js';
import { FileTrigger } from '../../controller/triggers/file-trigger.js';
import { RequestTrigger } from '../../controller/triggers/request-trigger.js';
import { DeploymentReconciler } from '../../reconcilers/deployment-reconciler.js';
import { EventTrigger } from '../../reconcilers/docker/event-trigger.js';
import { urlOf } from '../../reconcilers/report/status-of.js';
import { Closed } from '../../reconcilers/policy/policy-trial.js';
import type { StackParts } from '../../reconcilers/stack-parts.js';
import { EXIT } from '../basics/exit.js';
import type { OpenStack } from './open-stack.js';
import { RESYNC_MS } from './parts-of.js';
import type { End, Reporter } from '../telling/reporter.js';
import { verdictAfter, verdictOf } from './verdict.js';

export interface ControlOptions {
  readonly manifest: string;
  readonly stop: AbortSignal;
  readonly reporter: Reporter;
  /** `HOST:PORT` or `off`. */
  readonly listen: string;
  /** Looks at the git source now; none where the manifest is a plain file. */
  readonly lookAtSource?: () => Promise<void>;
  /** Of the forge that has the git source. */
  readonly hooks?: HookHandler;
  /** Ends at the first verdict, or when the time is up. */
  readonly once?: { readonly timeoutMs?: number; readonly deadlineAtMs?: number };
}

const BACKOFF = { baseMs: 200, maxMs: 30_000 };
/** An engine that restarts is back in seconds: its events are what tells. */
const EVENTS_BACKOFF = { baseMs: 200, maxMs: 5000 };
const KEY = 'stack';
const FIRST_TRIAL = 'the first check of the policies, which has not ended; --timeout gives it longer';
const FIRST_LOOK = 'the first look at the stack, which has not ended; --timeout gives it longer';
const STARTING = 'the policies are checked, then comes the first look';
/** A look at every policy costs something; where the file system tells of changes, none waits for it. */
const POLICIES_POLL_MS = 10_000;

/** How it ended; the stack keeps running in any case. */
export async function control(open: OpenStack, options: ControlOptions): Promise<End> {
  const { parts } = open;
  const reconciler = new DeploymentReconciler(parts, open.state, await lastConditions(parts));
  const end = new Ending(reconciler, parts.keeper);
  const requests = requestTrigger(open, options, reconciler);
  const controller = new Controller({
    reconcile: (key, signal) => requests.tick(() => reconciler.reconcile(key, signal)),
    keys: [KEY],
    resyncMs: RESYNC_MS,
    backoff: new Backoff(BACKOFF),
    triggers: [...triggersOf(open, options, () => reconciler.isBlocked()), requests],
    onTick: (_key, result, durationMs) => {
      if (result instanceof Closed) return;
      parts.metrics.observeReconcile(result instanceof Error ? 'error' : result.kind, durationMs / 1000);
      options.reporter.onTick(result, durationMs);
      end.afterTick(result, options);
    },
  });
  open.bell.onRing = () => controller.enqueue(KEY);
  end.watch(options);
  await tell(open, options, {
    event: 'controller_started',
    pid: process.pid,
    version: parts.controller.version,
  });
  if (options.once === undefined) options.reporter.onProgress(`${parts.stackName}: ${STARTING}`);
  const listener = await listen(parts, options, controller);
  await controller.start();
  if (options.once === undefined) parts.traffic.start(); // a command ends before there is a window
  const ended = await end.reached;
  parts.traffic.stop();
  // A check of policies is no step: nobody waits for its end, but for the removal of its containers.
  await Promise.all([parts.keeper.close(), controller.stop()]);
  await tell(open, options, { event: 'controller_stopped', pid: process.pid });
  if (listener.kind === 'listening') await listener.close();
  return ended;
}

/** The first thing that ends a run: a verdict, what cannot be written, the time, a signal. */
class Ending {
  readonly reached: Promise<End>;
  private resolve: (end: End) => void = () => undefined;
  /** Of the last tick. */
  private error: Error | undefined;

  constructor(
    private readonly reconciler: Pick<DeploymentReconciler, 'lastReport' | 'unwritten'>,
    private readonly keeper: Pick<StackParts['keeper'], 'isFirstOnTrial'>,
  ) {
    this.reached = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  /** A controller that was told to stop ends well; a command that was kept from its end did not. */
  watch({ stop, once }: ControlOptions): void {
    const stopped = () => this.end(once === undefined ? EXIT.ok : EXIT.interrupted);
    if (stop.aborted) stopped();
    stop.addEventListener('abort', stopped, { once: true });
    if (once?.deadlineAtMs === undefined) return;
    const leftMs = Math.max(0, once.deadlineAtMs - performance.now());
    const late = once.timeoutMs === undefined ? {} : { timeoutMs: once.timeoutMs };
    setTimeout(() => this.end(EXIT.failed, { ...late, ...this.unwritten() }), leftMs).unref();
  }

  /** Tells how things stand; with `once` that is the end. */
  afterTick(result: Outcome | Error, { once, reporter }: ControlOptions): void {
    const standing = this.standing();
    this.error = result instanceof Error ? result : undefined;
    const code = verdictAfter(result, standing.conditions);
    if (once === undefined && code !== undefined) reporter.onState({ code, ...standing });
    if (once === undefined) return;
    if (code !== undefined) this.end(code);
    else if (this.isAllButWritten(result, standing)) this.end(EXIT.failed, { unwritten: result });
  }

  /** There is nothing more to wait for but a disk that takes the report. */
  private isAllButWritten(result: Outcome | Error, { conditions }: Pick<End, 'conditions'>): result is Error {
    return (
      result instanceof Error && result === this.reconciler.unwritten && verdictOf(conditions) === EXIT.ok
    );
  }

  /** What keeps a stack from its end that is as it should be. */
  private unwritten(): Pick<End, 'unwritten'> {
    const isReady = verdictOf(this.standing().conditions) === EXIT.ok;
    return isReady && this.error !== undefined ? { unwritten: this.error } : {};
  }

  private end(code: number, why: Pick<End, 'timeoutMs' | 'unwritten'> = {}): void {
    this.resolve({ code, ...this.standing(), ...why });
  }

  private standing(): Pick<End, 'conditions' | 'url' | 'awaited'> {
    const last = this.reconciler.lastReport;
    if (last === undefined)
      return { conditions: [], awaited: this.keeper.isFirstOnTrial ? FIRST_TRIAL : FIRST_LOOK };
    return { conditions: last.conditions, ...urlOf(last.facts.world) };
  }
}

/** A full disk keeps nobody from healing what runs. */
async function tell(
  { parts }: OpenStack,
  { reporter }: ControlOptions,
  event: HistoryEventInput,
): Promise<void> {
  try {
    await parts.history.append(event);
  } catch (error) {
    reporter.onNotice({ kind: 'history not written', error });
  }
}

async function listen(
  parts: StackParts,
  { listen: address, reporter, hooks }: ControlOptions,
  ticks: Controller,
): Promise<HttpListener> {
  const { registry } = parts.metrics;
  const listener = await startHttpListener({
    listen: address,
    registry,
    ticks,
    resyncMs: RESYNC_MS,
    ...(hooks === undefined ? {} : { hooks }),
  });
  if (listener.kind === 'problem')
    reporter.onNotice({ kind: 'no metrics served', message: listener.message });
  return listener;
}

async function lastConditions({ status }: StackParts): Promise<readonly Condition[]> {
  const kept = (await status.read()) as { readonly conditions?: readonly Condition[] } | undefined;
  return kept?.conditions ?? [];
}

function triggersOf(
  { parts, policies, overrideFile }: OpenStack,
  { manifest, reporter }: ControlOptions,
  isBlocked: () => boolean,
) {
  const { observer, proxy } = parts;
  const events = new EventTrigger({
    engine: parts.engine,
    key: KEY,
    stack: parts.stackName,
    backoff: new Backoff(EVENTS_BACKOFF),
    names: () => observer.names(),
    isBlocked,
    heard: (event) => observer.heard(event),
    forgetContainer: (id) => observer.forgetContainer(id),
    forgetImages: () => observer.forgetImages(),
    forgetFiles: () => proxy.filesTouched(),
    forgetAll: () => observer.forgetAll(),
    onBroken: (error) => reporter.onNotice({ kind: 'event stream broke', error }),
  });
  return [
    new FileTrigger({
      key: KEY,
      paths: [manifest, overrideFile, parts.suspends.path, parts.retryFile.path],
    }),
    // Apart: a save of the manifest does not wait until all policies are read.
    new FileTrigger({ key: KEY, paths: policies, pollMs: POLICIES_POLL_MS }),
    events,
  ];
}

/** A person who asks for a look does not trust what is remembered. */
function requestTrigger(
  { parts, requestsDir }: OpenStack,
  { lookAtSource }: ControlOptions,
  reconciler: Pick<DeploymentReconciler, 'lastReport' | 'told'>,
): RequestTrigger {
  const prepare = async () => {
    await lookAtSource?.();
    parts.observer.forgetAll();
  };
  return new RequestTrigger({
    key: KEY,
    dir: requestsDir,
    prepare,
    lastLook: () => reconciler.lastReport,
    told: () => reconciler.told,
  });
}
