/** A controller needs one valid manifest to know which stack it is for; until then it says what is wrong and waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setConditions, type Condition, type ConditionInput } from '../../controller/conditions.js';
import { StatusFile } from '../../controller/status-file.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { lookAtManifest } from '../../reconcilers/manifest-keeper.js';
import { knownStack } from '../basics/known-stack.js';
import type { StackPaths } from '../basics/paths.js';
import { isStatus } from '../status/status-shape.js';
import type { Reporter } from '../telling/reporter.js';
import { VERSION } from '../basics/package-version.js';

const POLL_MS = 300;

export interface Waiting {
  /** Until there is one, instead of giving up. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Hears what the stack's conditions are when there is none and nobody waits. */
  readonly onRefused?: (conditions: readonly Condition[]) => void;
}

/** The manifest on disk, or the last good one of an earlier life; undefined when there is none and nobody waits. */
export async function firstManifest(
  paths: StackPaths,
  { wait, signal, reporter, onRefused }: Waiting,
): Promise<StackSpec | undefined> {
  let said = '';
  while (!signal.aborted) {
    const known = await knownStack(paths.stateDir);
    const memory = { generation: 0, stackGeneration: 0, ...(known === undefined ? {} : { stack: known }) };
    const look = await lookAtManifest({ path: paths.manifest }, memory, known?.name);
    if (look.stack !== undefined) return look.stack;
    const { problems } = look.state;
    if (!look.unsettled) {
      if (problems.join('\n') !== said) reporter.onEvent({ event: 'manifest_invalid', problems });
      said = problems.join('\n');
      // A command in a folder of something else leaves nothing there.
      if (wait || look.state.sha256 !== undefined)
        await writeNothingYet(paths, problems.join('\n')).catch(() => undefined);
      if (!wait) {
        onRefused?.(nothingYet([], problems.join('\n')));
        return undefined;
      }
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** Nothing runs and nobody controls: what there is to say is what is wrong with the manifest. Where that cannot be written, it was told. */
export async function writeNothingYet(
  paths: StackPaths,
  problem: string,
  ofSource: readonly ConditionInput[] = [],
): Promise<void> {
  const file = new StatusFile(paths.status, { isUsable: isStatus });
  const before = (await file.read()) as { conditions?: readonly Condition[] } | undefined;
  const conditions = nothingYet(before?.conditions ?? [], problem, ofSource);
  await file.write({
    apiVersion: 'swiftdeploy/v1',
    kind: 'StackStatus',
    stack: 'unknown',
    generation: 0,
    observedGeneration: 0,
    manifest: { path: paths.manifest },
    conditions,
    services: [],
    policies: [],
    controller: { pid: process.pid, version: VERSION, startedAt: STARTED_AT },
  });
}

function nothingYet(
  before: readonly Condition[],
  problem: string,
  ofSource: readonly ConditionInput[] = [],
): readonly Condition[] {
  const now = new Date().toISOString();
  return setConditions(before, [...invalidConditions(problem), ...ofSource], { generation: 0, now });
}

const STARTED_AT = new Date().toISOString();

function invalidConditions(message: string) {
  const reason = 'ManifestInvalid';
  const still = 'nothing can be reconciled yet';
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Reconciling', status: 'False', reason, message: still },
    { type: 'Stalled', status: 'True', reason, message },
    { type: 'ManifestValid', status: 'False', reason: 'Invalid', message },
    { type: 'PolicyReady', status: 'Unknown', reason: 'NotObserved', message: 'nobody looked yet' },
  ] as const;
}
