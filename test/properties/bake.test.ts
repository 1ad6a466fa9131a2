/** What must hold of a bake whatever is said, edited and killed meanwhile. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CanarySpec, StackSpec } from '../../src/reconcilers/desired/stack-spec.js';
import { someVerdict } from '../support/model/arbitraries.js';
import { describeLoop } from '../support/model/describe.js';
import { ModelLoop } from '../support/model/model-loop.js';
import { service, stack, version } from '../support/model/stacks.js';
import { runs } from '../support/model/runs.js';

const BAKE_MS = 5000;
const CANARY: CanarySpec = {
  steps: [{ kind: 'share', weight: 20, holdMs: 0 }],
  sticky: 'cookie',
  replicas: 1,
  warmupMs: 0,
  deadlineMs: 60_000,
  bakeMs: BAKE_MS,
};
const OLD = stack([service({ replicas: 2 })]);
const AS_CANARY = stack([version('2.0.0', { mode: 'canary', canary: CANARY, replicas: 2 })]);
const PROMOTED = stack([version('2.0.0', { canary: CANARY, replicas: 2 })]);
const OTHER = stack([version('3.0.0', { canary: CANARY, replicas: 2 })]);

interface Deed {
  readonly wish: StackSpec | undefined;
  readonly verdict: 'advance' | 'hold' | 'rollback' | 'inconclusive' | undefined;
  readonly afterMs: number;
  /** The controller is killed after so many steps of each tick. */
  readonly steps: number;
  readonly ticks: number;
}

const deeds = fc.array(
  fc.record<Deed>({
    wish: fc.constantFrom(undefined, OLD, AS_CANARY, PROMOTED, OTHER),
    verdict: fc.option(someVerdict, { nil: undefined }),
    afterMs: fc.constantFrom(0, 600, BAKE_MS),
    steps: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
    ticks: fc.nat({ max: 6 }),
  }),
  { maxLength: 6 },
);

function canary(): ModelLoop {
  const loop = new ModelLoop(OLD);
  loop.settle();
  loop.stack = AS_CANARY;
  loop.settle();
  return loop;
}

function versions({ world }: ModelLoop): string {
  const serving = world.answering('shop-net').get('app') ?? [];
  return [...new Set(serving.map(({ version: text }) => text))].join();
}

function olds({ world }: ModelLoop): string {
  const { containers } = world.observe(OLD);
  return containers
    .flatMap((one) => (one.version === '1.0.0' && one.state === 'running' ? one.id : []))
    .join();
}

function say(loop: ModelLoop, { wish, verdict, afterMs }: Omit<Deed, 'steps' | 'ticks'>): void {
  if (wish !== undefined) loop.stack = wish;
  if (verdict === undefined) loop.verdicts.clear();
  else loop.verdicts.set('app', { verdict, words: 'so it is' });
  loop.world.passes(afterMs);
}

describe('a bake', { timeout: 120_000 }, () => {
  test('always has somebody who answers, and ends as its manifest and its verdicts say', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        const loop = canary();
        loop.stack = PROMOTED;
        for (const deed of all) {
          say(loop, deed);
          for (let tick = 0; tick < deed.ticks; tick += 1) {
            loop.tick(deed.steps);
            expect(versions(loop), describeLoop(loop)).not.toBe('');
          }
        }
        say(loop, { wish: PROMOTED, verdict: undefined, afterMs: 600 });
        loop.settle();
        const { failed, rollout } = loop.memory.services['app'] ?? {};
        if (failed === undefined) expect(versions(loop), describeLoop(loop)).toBe('2.0.0');
        else expect(versions(loop), describeLoop(loop)).not.toBe('2.0.0');
        say(loop, { wish: undefined, verdict: 'advance', afterMs: BAKE_MS });
        loop.settle();
        expect(loop.memory.services['app'], describeLoop(loop)).not.toHaveProperty('rollout');
        if (rollout !== undefined) expect(versions(loop)).toBe('2.0.0');
      }),
      { numRuns: runs(30) },
    );
  });

  test('leaves the old version as it is until it is over, whoever is killed', () => {
    const quiet = fc.constantFrom('hold' as const, 'inconclusive' as const, undefined);
    fc.assert(
      fc.property(fc.array(fc.tuple(quiet, fc.nat({ max: 3 }))), (ticks) => {
        const loop = canary();
        const before = olds(loop);
        loop.stack = PROMOTED;
        for (const [verdict, steps] of ticks) {
          say(loop, { wish: undefined, verdict, afterMs: BAKE_MS });
          loop.tick(steps);
          expect(olds(loop), describeLoop(loop)).toBe(before);
        }
        loop.settle();
        say(loop, { wish: undefined, verdict: 'rollback', afterMs: 600 });
        loop.settle();
        expect(versions(loop), describeLoop(loop)).toBe('1.0.0');
        expect(olds(loop)).toBe(before);
      }),
      { numRuns: runs(20) },
    );
  });
});
