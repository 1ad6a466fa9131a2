import { expect, test } from 'vitest';
import { failureTeller } from '../../../src/cli/loop/failure-teller.js';
import type { HistoryEvent, HistoryEventInput } from '../../../src/controller/history/history-event.js';
import type { RolloutFailure } from '../../../src/reconcilers/plan/steps.js';
import { failureEvent } from '../../../src/reconcilers/report/failure-event.js';

const FAILURE: RolloutFailure = {
  service: 'app',
  track: 'stable',
  version: '2',
  specHash: 'a'.repeat(64),
  attempt: 'c'.repeat(64),
  reason: 'DeadlineExceeded',
  message: 'it did not answer',
};
const TOLD: HistoryEvent = {
  ...failureEvent(FAILURE, ['a line']),
  seq: 7,
  timestamp: '2026-12-01T00:00:00.000Z',
  prev: `sha256:${'0'.repeat(64)}`,
};

async function appended(toldBefore: HistoryEvent | undefined, failures: readonly RolloutFailure[]) {
  const events: HistoryEventInput[] = [];
  const tell = failureTeller({
    toldBefore,
    append: (event) => Promise.resolve(events.push(event)),
    onEvent: () => undefined,
  });
  for (const failure of failures) await tell(failure, []);
  return events.map(({ service, spec_hash: hash }) => [service, hash]);
}

test('a failure that a crash kept from the notes is not told twice, and the next of that version is told', async () => {
  expect(await appended(TOLD, [FAILURE])).toEqual([]);
  expect(await appended(TOLD, [FAILURE, FAILURE])).toEqual([['app', FAILURE.specHash]]);
});

test('another version, another service, and what nobody told are told', async () => {
  const other = { ...FAILURE, specHash: 'b'.repeat(64) };
  expect(await appended(TOLD, [other, { ...FAILURE, service: 'web' }])).toHaveLength(2);
  expect(await appended(undefined, [FAILURE])).toHaveLength(1);
});
