import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyQueue } from '../../../src/controller/key-queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that ends when told to. */
function heldWork() {
  const runs: string[] = [];
  const ends: (() => void)[] = [];
  const work = (key: string) => {
    runs.push(key);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const endOne = async () => {
    ends.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { runs, work, endOne };
}

function countedWork() {
  const runs: string[] = [];
  return { runs, work: async (key: string) => void runs.push(key) };
}

describe('key queue', () => {
  test('two triggers at once are one run', async () => {
    const { runs, work } = countedWork();
    const queue = new KeyQueue({ concurrency: 1, work });
    queue.enqueue('a');
    queue.enqueue('a');
    await queue.idle();
    expect(runs).toEqual(['a']);
  });

  test('triggers during a run are exactly one more run', async () => {
    const { runs, work, endOne } = heldWork();
    const queue = new KeyQueue({ concurrency: 4, work });
    queue.enqueue('a');
    await vi.advanceTimersByTimeAsync(0);
    for (let n = 0; n < 5; n += 1) queue.enqueue('a');
    await endOne();
    expect(runs).toEqual(['a', 'a']);
    await endOne();
    expect(runs).toEqual(['a', 'a']);
    await queue.idle();
  });

  test('the earlier due time wins, whichever was asked first', async () => {
    const { runs, work } = countedWork();
    const queue = new KeyQueue({ concurrency: 1, work });
    queue.enqueue('a', 5_000);
    queue.enqueue('a', 1_000);
    queue.enqueue('a', 9_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs).toEqual(['a']);
  });

  test('a trigger now takes the place of a later one', async () => {
    const { runs, work } = countedWork();
    const queue = new KeyQueue({ concurrency: 1, work });
    queue.enqueue('a', 1_000);
    queue.enqueue('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toEqual(['a']);
  });

  test('a time that no timer can hold is cut, not run at once', async () => {
    const { runs, work } = countedWork();
    const queue = new KeyQueue({ concurrency: 1, work });
    queue.enqueue('a', Infinity);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toEqual([]);
    await queue.stop();
  });

  test('different keys run at once, as many as allowed', async () => {
    const { runs, work, endOne } = heldWork();
    const queue = new KeyQueue({ concurrency: 2, work });
    for (const key of ['a', 'b', 'c']) queue.enqueue(key);
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toEqual(['a', 'b']);
    await endOne();
    expect(runs).toEqual(['a', 'b', 'c']);
  });

  test('stop lets the running work finish and starts no other', async () => {
    const { runs, work, endOne } = heldWork();
    const queue = new KeyQueue({ concurrency: 1, work });
    for (const key of ['a', 'b', 'a']) queue.enqueue(key);
    queue.enqueue('c', 10);
    await vi.advanceTimersByTimeAsync(0);
    queue.enqueue('a');
    let isStopped = false;
    const stopped = queue.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isStopped).toBe(false);
    await endOne();
    await stopped;
    queue.enqueue('d');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toEqual(['a']);
  });

  test('abort reaches what runs now, not what runs later', async () => {
    const aborted: boolean[] = [];
    const queue = new KeyQueue({
      concurrency: 1,
      work: async (_key, signal) => {
        if (aborted.length === 0) queue.abort();
        aborted.push(signal.aborted);
      },
    });
    queue.enqueue('a');
    queue.enqueue('b');
    await queue.idle();
    expect(aborted).toEqual([true, false]);
  });
});
