/** Tells the history of versions that failed: each once, also where a crash came between the history and the notes. */
import type { HistoryEvent, HistoryEventInput } from '../../controller/history/history-event.js';
import type { RolloutFailure } from '../../reconcilers/plan/steps.js';
import { failureEvent } from '../../reconcilers/report/failure-event.js';

export interface FailureListeners {
  /** `replica_failed` that the history has and the notes have not, found at the start. */
  readonly toldBefore: HistoryEvent | undefined;
  /** Resolves when it is on the disk. */
  readonly append: (event: HistoryEventInput) => Promise<unknown>;
  readonly onEvent: (event: HistoryEventInput) => void;
}

export function failureTeller({ toldBefore, append, onEvent }: FailureListeners) {
  let told = toldBefore;
  return async (failure: RolloutFailure, log: readonly string[]): Promise<void> => {
    const event = failureEvent(failure, log);
    if (told !== undefined && isOfSameVersion(told, event)) told = undefined;
    else await append(event);
    onEvent(event);
  };
}

function isOfSameVersion(told: HistoryEvent, event: HistoryEventInput): boolean {
  return ['service', 'track', 'spec_hash'].every((key) => told[key] === event[key]);
}
