import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeyQueue } from '../../src/controller/key-queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Action =
  | { readonly do: 'enqueue'; readonly key: string; readonly afterMs: number }
  | { readonly do: 'wait'; readonly ms: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('enqueue' as const),
    key: fc.constantFrom('a', 'b', 'c'),
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 })),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 }) }),
);

/** A queue whose runs last as long as `durations` say, and that remembers the runs. */
function observedQueue(concurrency: number, durations: readonly number[]) {
  const running = new Set<string>();
  const starts: { key: string }[] = [];
  const violations: string[] = [];
  const queue = new KeyQueue({
    concurrency,
    work: async (key) => {
      if (running.has(key)) violations.push(`${key} twice at once`);
      running.add(key);
      if (running.size > concurrency) violations.push('too many at once');
      const durationMs = durations[starts.length % durations.length] ?? 0;
      starts.push({ key });
      await new Promise((resolve) => setTimeout(resolve, durationMs));
      running.delete(key);
    },
  });
  return { queue, starts, violations };
}

test('no key runs twice at once, and after every trigger a run starts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }),
      async (actions, concurrency, durations) => {
        const { queue, starts, violations } = observedQueue(concurrency, durations);
        const triggers: { key: string; runsBefore: number }[] = [];
        for (const step of actions) {
          if (step.do === 'wait') await vi.advanceTimersByTimeAsync(step.ms);
          else {
            triggers.push({ key: step.key, runsBefore: starts.length });
            queue.enqueue(step.key, step.afterMs);
          }
        }
        await vi.advanceTimersByTimeAsync(10_000);
        expect(violations).toEqual([]);
        const lost = triggers.filter(
          ({ key, runsBefore }) => !starts.slice(runsBefore).some((run) => run.key === key),
        );
        expect(lost).toEqual([]);
        expect(starts.length).toBeLessThanOrEqual(triggers.length);
      },
    ),
    { numRuns: 200 },
  );
});

test('a key that is asked for again before it started is one run; while it runs, exactly one more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      async (before, during) => {
        const { queue, starts } = observedQueue(1, [10]);
        for (let n = 0; n < before; n += 1) queue.enqueue('a');
        await vi.advanceTimersByTimeAsync(5);
        for (let n = 0; n < during; n += 1) queue.enqueue('a');
        await vi.advanceTimersByTimeAsync(1_000);
        expect(starts.length).toBe(during > 0 ? 2 : 1);
      },
    ),
    { numRuns: 50 },
  );
});
