import { describe, expect, test } from 'vitest';
import { RetryBook } from '../../../src/reconcilers/apply/retry-book.js';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack } from '../../support/model/stacks.js';

function sample(change: Partial<ObservedContainer>, of: ObservedContainer['role'] = 'service') {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  const container = loop.world.containers.find(({ role }) => role === of);
  if (container === undefined) throw new Error('nothing runs');
  return { ...container, name: 'app', ...change };
}

describe('pauses', () => {
  test('double with every start, up to a minute', () => {
    const book = new RetryBook();
    const pauses = Array.from({ length: 9 }, () => {
      book.started('app', 0);
      return book.notBefore([], 0).get('app');
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(book.notBefore([], 0).has('other')).toBe(false);
  });

  test('last no longer for a clock that was set back', () => {
    const book = new RetryBook();
    book.started('app', 3_600_000);
    expect(book.notBefore([], 0).get('app')).toBe(1000);
    expect(book.notBefore([], 500).get('app')).toBe(1000);
  });

  test.each([
    ['stays up', sample({ state: 'running', startedAt: 0 }), 60_000, false],
    ['has not stayed up for long', sample({ state: 'running', startedAt: 0 }), 59_999, true],
    ['is nginx, and stays up', sample({ state: 'running', startedAt: 0 }, 'proxy'), 10_000, false],
    ['is nginx, and has only started', sample({ state: 'running', startedAt: 0 }, 'proxy'), 9999, true],
    ['is stopped', sample({ state: 'exited', startedAt: 0 }), 90_000, true],
    ['is another one', sample({ name: 'other', state: 'running', startedAt: 0 }), 60_000, true],
  ])('are forgotten once it stays up: it %s', (_what, container, now, isKept) => {
    const book = new RetryBook();
    book.started('app', 0);
    expect(book.notBefore([container], now).has('app')).toBe(isKept);
  });
});
