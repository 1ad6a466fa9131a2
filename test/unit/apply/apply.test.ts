import { expect, test, vi } from 'vitest';
import { Applier, type ApplyOptions } from '../../../src/reconcilers/apply/apply.js';
import type { StepEffects } from '../../../src/reconcilers/apply/effects.js';
import type { Chain } from '../../../src/reconcilers/plan/steps.js';

const CHAIN: Chain = [
  { kind: 'restartContainer', target: 'app-1', id: 'app-1', graceMs: 1000, cause: 'it hangs' },
];

test('a slow step is not taken twice: neither while it goes on, nor by a tick that looked before its end', async () => {
  let end: () => void = () => undefined;
  const restart = vi.fn(() => new Promise<void>((resolve) => (end = resolve)));
  const options: ApplyOptions = {
    effects: { restartContainer: restart } as unknown as StepEffects,
    ask: () => Promise.reject(new Error('nobody is asked')),
    onResult: () => undefined,
    signal: new AbortController().signal,
  };
  const applier = new Applier();
  expect(await applier.apply([CHAIN], options)).toEqual([]);
  expect(await applier.apply([CHAIN], options)).toEqual([]);
  end();
  await new Promise(setImmediate);
  expect(await applier.apply([CHAIN], options)).toMatchObject([{ kind: 'done', step: CHAIN[0] }]);
  expect(restart).toHaveBeenCalledTimes(1);
  const later = applier.apply([CHAIN], options);
  expect(restart).toHaveBeenCalledTimes(2);
  end();
  expect(await later).toMatchObject([{ kind: 'done' }]);
});
