import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Backoff } from '../../../src/controller/backoff.js';
import { Controller, type ControllerOptions, type Trigger } from '../../../src/controller/controller.js';
import type { Outcome } from '../../../src/controller/outcome.js';

const RESYNC_MS = 30_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function controllerOf(reconcile: ControllerOptions['reconcile'], more: Partial<ControllerOptions> = {}) {
  const backoff = new Backoff({ baseMs: 1_000, maxMs: 60_000, random: () => 1 });
  return new Controller({ reconcile, keys: ['stack'], resyncMs: RESYNC_MS, backoff, triggers: [], ...more });
}

function ticksOf(results: readonly (Outcome | Error)[]) {
  const atMs: number[] = [];
  const reconcile = async (): Promise<Outcome> => {
    const result = results[Math.min(atMs.length, results.length - 1)];
    atMs.push(Date.now());
    if (result === undefined || result instanceof Error) throw result;
    return result;
  };
  return {
    reconcile,
    gapsMs: () => atMs.slice(1).map((at, n) => at - (atMs[n] ?? NaN)),
    count: () => atMs.length,
  };
}

describe('controller', () => {
  test('resyncs for ever, whatever the outcome', async () => {
    const ticks = ticksOf([
      { kind: 'settled' },
      { kind: 'stalled' },
      { kind: 'waiting', afterMs: 2_000 },
      { kind: 'settled' },
    ]);
    const controller = controllerOf(ticks.reconcile);
    await controller.start();
    await vi.advanceTimersByTimeAsync(4 * RESYNC_MS);
    expect(ticks.gapsMs()).toEqual([RESYNC_MS, RESYNC_MS, 2_000, RESYNC_MS]);
    await controller.stop();
  });

  test('progress is looked at again at once', async () => {
    const ticks = ticksOf([{ kind: 'progress' }, { kind: 'progress' }, { kind: 'settled' }]);
    const controller = controllerOf(ticks.reconcile);
    await controller.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(ticks.count()).toBe(3);
    await controller.stop();
  });

  test('throws back off, and one good tick forgets them', async () => {
    const failure = new Error('engine gone');
    const ticks = ticksOf([failure, failure, failure, { kind: 'progress' }, failure, failure]);
    const controller = controllerOf(ticks.reconcile);
    await controller.start();
    await vi.advanceTimersByTimeAsync(8_500);
    expect(ticks.gapsMs()).toEqual([1_000, 2_000, 4_000, 0, 1_000]);
    await controller.stop();
  });

  test('a synchronous throw of something that is no Error is one more failed tick', async () => {
    const seen: (Outcome | Error)[] = [];
    const reconcile = () => {
      throw 'nonsense';
    };
    const controller = controllerOf(reconcile, { onTick: (_key, result) => void seen.push(result) });
    await controller.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toEqual([expect.any(Error), expect.any(Error)]);
    await controller.stop();
  });

  test('a reporter that throws does not stop the loop, and is warned about', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const ticks = ticksOf([{ kind: 'settled' }]);
    const onTick = () => {
      throw new Error('no such label');
    };
    const controller = controllerOf(ticks.reconcile, { onTick });
    await controller.start();
    await vi.advanceTimersByTimeAsync(RESYNC_MS);
    expect(ticks.count()).toBe(2);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
    await controller.stop();
  });

  test('reports key, outcome and duration of each tick', async () => {
    const reported: unknown[] = [];
    const reconcile = async (): Promise<Outcome> => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return { kind: 'settled' };
    };
    const controller = controllerOf(reconcile, { onTick: (...args) => void reported.push(args) });
    expect(controller.msSinceLastTick()).toBeUndefined();
    await controller.start();
    await vi.advanceTimersByTimeAsync(350);
    expect(reported).toEqual([['stack', { kind: 'settled' }, 250]]);
    expect(controller.msSinceLastTick()).toBe(100);
    await controller.stop();
  });

  test('a trigger enqueues, and is stopped with the controller', async () => {
    const ticks = ticksOf([{ kind: 'settled' }]);
    let fire: (key: string) => void = () => undefined;
    let isStopped = false;
    const trigger: Trigger = {
      start: (enqueue) => void (fire = enqueue),
      stop: () => void (isStopped = true),
    };
    const controller = controllerOf(ticks.reconcile, { triggers: [trigger] });
    await controller.start();
    await vi.advanceTimersByTimeAsync(0);
    fire('stack');
    await vi.advanceTimersByTimeAsync(0);
    expect(ticks.count()).toBe(2);
    await controller.stop();
    fire('stack');
    await vi.advanceTimersByTimeAsync(2 * RESYNC_MS);
    expect([ticks.count(), isStopped]).toEqual([2, true]);
  });
});

describe('stopping', () => {
  /** A tick that ends `afterAbortMs` after its signal. */
  function slowTick(afterAbortMs: number) {
    return (_key: string, signal: AbortSignal) =>
      new Promise<Outcome>((resolve) => {
        signal.addEventListener('abort', () => setTimeout(() => resolve({ kind: 'progress' }), afterAbortMs));
      });
  }

  async function stoppingTime(
    reconcile: ControllerOptions['reconcile'],
    triggers: Trigger[] = [],
  ): Promise<number> {
    const controller = controllerOf(reconcile, { triggers });
    await controller.start();
    await vi.advanceTimersByTimeAsync(0);
    const startedAt = Date.now();
    const stopped = controller.stop().then(() => Date.now() - startedAt);
    await vi.advanceTimersByTimeAsync(60_000);
    return stopped;
  }

  test('an idle controller stops at once', async () => {
    expect(await stoppingTime(async () => ({ kind: 'settled' }))).toBe(0);
  });

  test('a running step is left to finish', async () => {
    const step = () =>
      new Promise<Outcome>((resolve) => setTimeout(() => resolve({ kind: 'progress' }), 3_000));
    expect(await stoppingTime(step)).toBe(3_000);
  });

  test('a step that takes too long is aborted after 4 s', async () => {
    expect(await stoppingTime(slowTick(500))).toBe(4_500);
  });

  test('a step that ignores its signal leaves a slow machine 4 of its 10 s', async () => {
    expect(await stoppingTime(slowTick(600_000))).toBeLessThan(6_000);
  });

  test('a trigger that cannot stop leaves them too', async () => {
    const stuck: Trigger = { start: () => undefined, stop: () => new Promise(() => undefined) };
    expect(await stoppingTime(async () => ({ kind: 'settled' }), [stuck])).toBeLessThan(6_000);
  });
});
