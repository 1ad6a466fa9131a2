/** What the history says of a version that did not make it: who, why, and the last lines of its log. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { RolloutFailure } from '../plan/steps.js';

export function failureEvent(failure: RolloutFailure, log: readonly string[]): HistoryEventInput {
  const { service, track, version, specHash, reason, message } = failure;
  return { event: 'replica_failed', service, track, version, spec_hash: specHash, reason, message, log };
}
