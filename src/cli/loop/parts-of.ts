/** From the ground of an open stack to everything that its reconciler works with. */
import { StatusFile } from '../../controller/status-file.js';
import { Applier } from '../../reconcilers/apply/apply.js';
import { stepEffects, type StepEffects } from '../../reconcilers/apply/effects.js';
import { RetryBook } from '../../reconcilers/apply/retry-book.js';
import { Observer } from '../../reconcilers/observed/observer.js';
import { PolicyEngineWatch } from '../../reconcilers/observed/policy-engine-watch.js';
import { RetryFile } from '../../reconcilers/retry-file.js';
import type { StackParts } from '../../reconcilers/stack-parts.js';
import { VERSION } from '../basics/package-version.js';
import { overrideGate } from '../override/override-gate.js';
import { isStatus } from '../status/status-shape.js';
import { suspendKeeper } from '../suspend/open-keeper.js';
import { failureTeller } from './failure-teller.js';
import type { Ground } from './ground.js';
import { stackMetrics } from './stack-metrics.js';

export const RESYNC_MS = 30_000;

export function stackParts(ground: Ground): StackParts {
  const { session, stack, reporter, proxy, history, shelf, keeper, gate, health, traffic, store } = ground;
  const { judge, domains, source } = ground;
  const { paths, engine } = session;
  const effects = effectsOf(ground);
  return {
    manifestPath: paths.manifest,
    source,
    stackName: stack.name,
    resyncMs: RESYNC_MS,
    engine,
    store,
    observer: new Observer(engine, proxy, health, new PolicyEngineWatch(ground.believes)),
    proxy,
    keeper,
    gate,
    judge,
    overrides: overrideGate({ ...ground, stateDir: paths.stateDir }),
    suspends: suspendKeeper({ ...ground, stateDir: paths.stateDir }),
    retryFile: new RetryFile(paths.stateDir),
    applier: new Applier(),
    retries: new RetryBook(),
    history,
    status: new StatusFile(paths.status, { isUsable: isStatus }),
    metrics: stackMetrics({ effects, services: stack.services.map(({ name }) => name), domains }),
    traffic,
    controller: { pid: process.pid, version: VERSION, startedAt: new Date().toISOString() },
    serve: (set) => shelf.serve(set),
    listener: reporter,
    effects,
  };
}

function effectsOf(ground: Ground): StepEffects {
  const { session, stack, tokens, reporter, proxy, history, shelf } = ground;
  return stepEffects({
    engine: session.engine,
    proxy,
    stack: stack.name,
    tokens,
    stateDir: session.paths.stateDir,
    policyFiles: (containerId) => shelf.filesFor(containerId),
    onProgress: (message) => reporter.onProgress(message),
    recordFailure: failureTeller({
      toldBefore: ground.toldFailure,
      append: (event) => history.append(event),
      onEvent: (event) => reporter.onEvent(event),
    }),
  });
}
