/** Events are on the disk before the notes of the state directory: what a crash kept from the notes, or who removed them, is in the history. */
import type { HistoryEvent } from '../controller/history/history-event.js';
import { newestEvent } from '../controller/history/newest-event.js';
import type { StackState } from './stack-state.js';

const OF_MANIFEST: ReadonlySet<string> = new Set(['manifest_changed', 'manifest_invalid']);

const WAY_BACK: ReadonlySet<string> = new Set(['rollback']);

const FAILURE: ReadonlySet<string> = new Set(['replica_failed']);

/** The state with the newest generation that was told, so that no other manifest is given the same one, and without a way back that was. */
export async function caughtUp(state: StackState, historyPath: string): Promise<StackState> {
  const after = state.history?.seq ?? 0;
  const told = await newestEvent(historyPath, { events: OF_MANIFEST, after });
  const known = told === undefined ? state : withGeneration(state, told);
  if (Object.keys(known.waysBack ?? {}).length === 0) return known;
  const back = await newestEvent(historyPath, { events: WAY_BACK, after });
  return back === undefined ? known : withoutWayBack(known, String(back.service));
}

/** The newest failure that was told and is not in the notes; where there are none, nobody can tell which it is. */
export async function failureToldLast(
  { history }: StackState,
  historyPath: string,
): Promise<HistoryEvent | undefined> {
  if (history === undefined) return undefined;
  return newestEvent(historyPath, { events: FAILURE, after: history.seq });
}

function withoutWayBack(state: StackState, told: string): StackState {
  const open = Object.entries(state.waysBack ?? {}).filter(([service]) => service !== told);
  return { ...state, waysBack: Object.fromEntries(open) };
}

function withGeneration(state: StackState, { generation, sha256 }: HistoryEvent): StackState {
  if (typeof generation !== 'number' || generation <= state.generation) return state;
  return { ...state, generation, manifestSha256: typeof sha256 === 'string' ? sha256 : undefined };
}
