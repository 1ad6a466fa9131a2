/** What is learned of containers that end, from the Engine's events. */
import { expect, test } from 'vitest';
import { LastEnds } from '../../../src/reconcilers/observed/last-ends.js';

function heard(...events: readonly (readonly [action: string, exitCode?: string])[]) {
  const ends = new LastEnds();
  for (const [action, exitCode] of events) {
    const attributes = exitCode === undefined ? {} : { exitCode };
    ends.heard({ type: 'container', action, id: 'a', attributes, at: '0' });
  }
  return ends.of('a');
}

test.each([
  [[['die', '3']], { exitCode: 3, oomKilled: false }],
  [[['die', '3'], ['start'], ['die', '0'], ['start']], { exitCode: 0, oomKilled: false }],
  [[['oom'], ['die', '137'], ['start']], { exitCode: 137, oomKilled: true }],
  [[['oom'], ['die', '137'], ['start'], ['die', '1']], { exitCode: 1, oomKilled: false }],
  [[['die', '3'], ['destroy']], undefined],
  [[['start'], ['die']], undefined],
] as const)('%j', (events, end) => {
  expect(heard(...events)).toEqual(end);
});

test('of a network that a container leaves nothing is kept', () => {
  const ends = new LastEnds();
  ends.heard({ type: 'network', action: 'die', id: 'a', attributes: { exitCode: '1' }, at: '0' });
  expect(ends.of('a')).toBeUndefined();
});
