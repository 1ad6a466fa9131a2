/** What is written down after a teardown: history says what went, status that nothing runs, and nobody misses it as drift. */
import { existsSync } from 'node:fs';
import { setConditions, type ConditionInput } from '../../controller/conditions.js';
import type { ChainHead } from '../../controller/history/history-event.js';
import { HistoryLog } from '../../controller/history/history-log.js';
import { StatusFile } from '../../controller/status-file.js';
import { EMPTY_MEMORY } from '../../reconcilers/plan/memory.js';
import { StateStore, type StackState } from '../../reconcilers/stack-state.js';
import type { Removal } from '../../reconcilers/teardown.js';
import { join } from 'node:path';
import type { StackPaths } from '../basics/paths.js';
import { VERSION } from '../basics/package-version.js';

export interface TeardownNote {
  readonly told: readonly Removal[];
  /** State and status go next: nothing needs to be said in them. */
  readonly clean: boolean;
}

export interface Unfinished {
  readonly told: readonly Removal[];
  /** How it ended, in words that follow a comma. */
  readonly why: string;
}

/** The caller has the stack's lock. */
export async function noteTeardown(paths: StackPaths, stack: string, note: TeardownNote): Promise<void> {
  const store = new StateStore(paths.stateDir);
  const { state } = await store.peek();
  const cause = `stack ${stack} was torn down by a person`;
  const history = await appendHistory(paths, { told: note.told, cause }, state.history);
  if (note.clean) return;
  if (existsSync(join(paths.stateDir, 'state.json'))) await store.save(withoutWhatRan(state, history));
  await writeStatus(paths, stack, state.generation);
}

/** What is left goes on as it is noted: it may serve. */
export async function noteUnfinished(
  paths: StackPaths,
  stack: string,
  { told, why }: Unfinished,
): Promise<void> {
  const { state } = await new StateStore(paths.stateDir).peek();
  const cause = `stack ${stack} was being torn down by a person, ${why}`;
  await appendHistory(paths, { told, cause }, state.history);
}

/** `known`, and what is resolved: the last event of the history. */
async function appendHistory(
  { history }: StackPaths,
  { told, cause }: { readonly told: readonly Removal[]; readonly cause: string },
  known: ChainHead | undefined,
): Promise<ChainHead | undefined> {
  const removed = told.filter(({ kind }) => kind === 'removed');
  if (!existsSync(history) || removed.length === 0) return known;
  const names = (kind: Removal['what']) =>
    removed.flatMap(({ what, name }) => (what === kind ? [name] : [])).sort();
  const log = await HistoryLog.open(history, { known });
  try {
    await log.append({
      event: 'step',
      step: 'teardown',
      cause,
      containers: names('container'),
      networks: names('network'),
      volumes: names('volume'),
    });
    return log.head;
  } finally {
    await log.close();
  }
}

/** Counters and good policies stay. */
function withoutWhatRan(state: StackState, history: ChainHead | undefined): StackState {
  const { generation, stackGeneration, manifestSha256, policyRevision } = state;
  return {
    generation,
    stackGeneration,
    ...(manifestSha256 === undefined ? {} : { manifestSha256 }),
    ...(policyRevision === undefined ? {} : { policyRevision }),
    ...(history === undefined ? {} : { history }),
    memory: EMPTY_MEMORY,
    drifts: [],
    denials: {},
  };
}

async function writeStatus(paths: StackPaths, stack: string, generation: number): Promise<void> {
  if (!existsSync(paths.status)) return;
  const now = new Date().toISOString();
  await new StatusFile(paths.status).write({
    apiVersion: 'swiftdeploy/v1',
    kind: 'StackStatus',
    stack,
    generation,
    observedGeneration: generation,
    manifest: { path: paths.manifest },
    conditions: setConditions([], TORN_DOWN, { generation, now }),
    services: [],
    policies: [],
    controller: { pid: process.pid, version: VERSION, startedAt: now },
  });
}

const reason = 'TornDown';
const message = 'the stack was torn down: deploy brings it back';
const TORN_DOWN: readonly ConditionInput[] = [
  { type: 'Ready', status: 'False', reason, message },
  { type: 'Reconciling', status: 'False', reason, message: 'nothing is on its way' },
  { type: 'Stalled', status: 'False', reason, message: 'no person is needed' },
  { type: 'ManifestValid', status: 'Unknown', reason, message: 'nobody looked since' },
  { type: 'PolicyReady', status: 'Unknown', reason, message: 'the policy engine was torn down' },
];
