/** Events are on the disk before the notes of the state directory: what a crash kept from the notes, or who removed them, is in the history. */
import type { HistoryEvent } from '../controller/history/history-event.js';
import { newestEvent } from '../controller/history/newest-event.js';
import type { StackState } from './stack-state.js';

const OF_MANIFEST: ReadonlySet<string> = new Set(['manifest_changed', 'manifest_invalid']);

/** The state with the newest generation that was told, so that no other manifest is given the same one. */
export async function caughtUp(state: StackState, historyPath: string): Promise<StackState> {
  const told = await newestEvent(historyPath, { events: OF_MANIFEST, after: state.history?.seq ?? 0 });
  return told === undefined ? state : withGeneration(state, told);
}

function withGeneration(state: StackState, { generation, sha256 }: HistoryEvent): StackState {
  if (typeof generation !== 'number' || generation <= state.generation) return state;
  return { ...state, generation, manifestSha256: typeof sha256 === 'string' ? sha256 : undefined };
}
