import { expect, test } from 'vitest';
import { requeueDelay, type Outcome } from '../../../src/controller/outcome.js';

const RESYNC_MS = 30_000;

test.each<[Outcome, number]>([
  [{ kind: 'progress' }, 0],
  [{ kind: 'settled' }, RESYNC_MS],
  [{ kind: 'stalled' }, RESYNC_MS],
  [{ kind: 'waiting', afterMs: 500 }, 500],
  [{ kind: 'waiting', afterMs: 90_000 }, RESYNC_MS],
  [{ kind: 'waiting', afterMs: Infinity }, RESYNC_MS],
  [{ kind: 'waiting', afterMs: -1 }, 0],
  [{ kind: 'waiting', afterMs: NaN }, 0],
])('after %o the next tick is due in %d ms', (outcome, expected) => {
  expect(requeueDelay(outcome, RESYNC_MS)).toBe(expected);
});
