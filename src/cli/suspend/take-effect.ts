/** After a change of what persons have suspended: waits until whoever controls the stack holds to it, or writes it down where nobody does. */
import { join } from 'node:path';
import { setConditions, type Condition } from '../../controller/conditions.js';
import { HistoryLog } from '../../controller/history/history-log.js';
import { StatusFile } from '../../controller/status-file.js';
import { same } from '../../reconcilers/plan/same.js';
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import { StateStore } from '../../reconcilers/stack-state.js';
import { suspendedCondition } from '../../reconcilers/suspend/suspend-conditions.js';
import { ToldFile } from '../../reconcilers/suspend/suspend-keeper.js';
import { engineTrouble } from '../basics/error-words.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { FileWatch } from '../basics/file-watch.js';
import { controllerOf, refuseOtherManifest, tryLock } from '../basics/lock.js';
import { orAfter } from '../basics/or-after.js';
import type { CommonOptions, StackPaths } from '../basics/paths.js';
import { openSession, type Session } from '../basics/session.js';
import { readStatus } from '../status/status-document.js';
import { suspendKeeper } from './open-keeper.js';
import { suspendedNow } from './suspended-now.js';

/** `nobody`: no controller runs; `unknown`: nobody can tell, for want of an engine; `late`: the controller has not answered in time. */
export type Effect = 'in force' | 'nobody' | 'unknown' | 'late';

/** What is said where nobody has answered to the word that was left. */
export const NOT_SEEN = {
  unknown:
    'the engine does not answer: nobody knows whether a controller runs; it finds this at its next look',
  late: 'the controller has not taken it up yet: it finds this at its next look',
} as const satisfies Partial<Record<Effect, string>>;

export interface EffectOptions extends CommonOptions {
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * `leave` writes the word; it is not called where the stack is controlled from another folder. Who controls it is known by its engine;
 * without one the word is left all the same.
 */
export async function takeEffect(options: EffectOptions, leave: () => Promise<void>): Promise<Effect> {
  const session = await sessionOf(options);
  if (session !== undefined) await refuseElsewhere(session);
  await leave();
  return session === undefined ? 'unknown' : agree(session, options.timeout);
}

async function refuseElsewhere({ info, paths }: Session): Promise<void> {
  const { stack } = await suspendedNow(paths, Date.now());
  if (stack === undefined) return;
  const holder = await controllerOf(info, stack.name);
  if (holder !== undefined) await refuseOtherManifest(holder, stack.name, paths.manifest);
}

async function sessionOf(options: EffectOptions): Promise<Session | undefined> {
  try {
    return await openSession(options, { timeoutMs: options.timeout });
  } catch (error) {
    const isSilent = error instanceof CommandError && error.exitCode !== EXIT.interrupted;
    if (isSilent || engineTrouble(error) !== undefined) return undefined;
    throw error;
  }
}

async function agree(session: Session, timeoutMs: number): Promise<Effect> {
  const { paths, stop } = session;
  const watch = new FileWatch(join(paths.stateDir, 'suspended.json'));
  const deadline = orAfter(stop, timeoutMs);
  try {
    for (;;) {
      const { suspends, stack } = await suspendedNow(paths, Date.now());
      if (stack === undefined) return 'nobody';
      const lock = await tryLock(session, stack.name, 'look');
      if (!('heldBy' in lock)) {
        await writeDown(paths).finally(() => lock.release());
        return 'nobody';
      }
      await refuseOtherManifest(lock.heldBy, stack.name, paths.manifest);
      if (await isTold(paths, suspends)) return 'in force';
      if (deadline.aborted) return 'late';
      await watch.next(deadline);
    }
  } finally {
    watch.close();
  }
}

/** A tick that began before has ended by then. */
async function isTold({ stateDir }: StackPaths, suspends: readonly Suspend[]): Promise<boolean> {
  const told = await new ToldFile(stateDir).read();
  const byPersons = (all: readonly Suspend[]) => all.filter(({ by }) => by === 'person');
  return same(byPersons(told), byPersons(suspends));
}

/** The caller has the stack's lock. */
async function writeDown(paths: StackPaths): Promise<void> {
  const now = Date.now();
  const { stack } = await suspendedNow(paths, now);
  const { state } = await new StateStore(paths.stateDir).peek();
  const history = await HistoryLog.open(paths.history, { known: state.history });
  try {
    const reporter = { onEvent: () => undefined };
    const suspends = await suspendKeeper({ stateDir: paths.stateDir, history, reporter }).look(stack, now);
    await show(paths, suspends, new Date(now).toISOString());
  } finally {
    await history.close();
  }
}

/** The rest of the status is the last controller's word. */
async function show({ status: path }: StackPaths, suspends: readonly Suspend[], now: string): Promise<void> {
  const read = await readStatus(path);
  if (read.kind !== 'status') return;
  const { conditions: before, generation } = read.status;
  const others = before.filter(({ type }: Condition) => type !== 'Suspended');
  const conditions = setConditions(before, [...others, ...suspendedCondition(suspends)], { generation, now });
  await new StatusFile(path).write({ ...(JSON.parse(read.text) as object), conditions });
}
