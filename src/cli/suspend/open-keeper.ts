/** The keeper of suspends of an open stack: its state directory, its history. */
import type { HistoryLog } from '../../controller/history/history-log.js';
import type { StackListener } from '../../reconcilers/stack-parts.js';
import { SuspendKeeper } from '../../reconcilers/suspend/suspend-keeper.js';

export interface SuspendGround {
  readonly stateDir: string;
  readonly history: Pick<HistoryLog, 'append'>;
  readonly reporter: Pick<StackListener, 'onEvent'>;
}

/** Its events are on disk before the tick that they are about goes on. */
export function suspendKeeper({ stateDir, history, reporter }: SuspendGround): SuspendKeeper {
  const record: ConstructorParameters<typeof SuspendKeeper>[0]['record'] = async (event) => {
    await history.append(event);
    reporter.onEvent(event);
  };
  return new SuspendKeeper({ stateDir, record });
}
