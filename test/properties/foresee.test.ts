/** What is foreseen is what happens: on the model, the steps of a foreseen plan are those that the loop then takes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceSpec, StackSpec } from '../../src/reconcilers/desired/stack-spec.js';
import { isAnybodySilent } from '../../src/reconcilers/observed/silence.js';
import type { Step } from '../../src/reconcilers/plan/steps.js';
import type { Suspend } from '../../src/reconcilers/plan/suspension.js';
import {
  deed,
  doDeed,
  enter,
  goodVersion,
  someStack,
  start,
  type Start,
} from '../support/model/arbitraries.js';
import { describeLoop, story } from '../support/model/describe.js';
import { foreseen } from '../support/model/foreseen.js';
import { ModelLoop } from '../support/model/model-loop.js';
import { REGISTRY } from '../support/model/model-world.js';
import { PATIENCE_MS, runs } from '../support/model/runs.js';
import { stepsByTarget } from '../support/steps-by-target.js';

async function expectForeseen(loop: ModelLoop): Promise<void> {
  const { ticks, end, first } = await foreseen(loop);
  expect(first).toEqual(loop.plan());
  const taken: Step[] = [];
  const before = loop.ticks.length;
  loop.settle();
  while (isAnybodySilent(loop.input().world)) loop.tick();
  for (const { results } of loop.ticks.slice(before)) taken.push(...results.map(({ step }) => step));
  const said = ticks.flatMap(({ results }) => results.map(({ step }) => step));
  expect(end, describeLoop(loop)).toBe('converged');
  expect(stepsByTarget(said), story(loop.ticks.slice(before))).toEqual(stepsByTarget(taken));
}

/** The same while something is suspended, which may be all that is left; what is suspended is let alone. */
async function expectForeseenBesides(loop: ModelLoop, held: readonly string[]): Promise<void> {
  const { ticks } = await foreseen(loop);
  const before = loop.ticks.length;
  loop.rest();
  const since = loop.ticks.slice(before);
  const [said = [], taken = []] = [ticks, since].map((all) =>
    all.flatMap(({ results }) => results.map(({ step }) => step)).filter(({ kind }) => kind !== 'stageProxy'),
  );
  expect(stepsByTarget(said), story(since)).toEqual(stepsByTarget(taken));
  expect(taken.filter(({ gate }) => held.includes(gate?.service?.name ?? ''))).toEqual([]);
}

const SINCE = '2026-05-05T20:00:00.000Z';

function suspend(service: string): Suspend {
  return { by: 'manifest', service, since: SINCE };
}

/** The stack is let alone for longer than it takes to find out whatever is wrong with it. */
function lookOn(loop: ModelLoop): void {
  loop.suspends = [{ by: 'manifest', since: SINCE }];
  for (let look = 0; look < 12; look += 1) {
    loop.world.passes(500);
    loop.tick();
  }
}

/** Versions that get ready at different times join in an order that nobody can foresee, and no one foresees that one fails. */
const quickVersion = fc.constantFrom('1.0.0', '2.0.0');

function quick(spec: ServiceSpec): ServiceSpec {
  const version = spec.container.version.replace(/-.*$/, '');
  return { ...spec, container: { ...spec.container, version } };
}

/** What a second proxy has in it, and what an image is before it is pulled, nobody can foresee either. */
function foreseeable(begin: Start): Start {
  return {
    ...begin,
    proxies: begin.proxies.slice(0, 1),
    images: [...REGISTRY.keys()],
    found: begin.found.map((one) => ({ ...one, spec: quick(one.spec) })),
    memory: begin.memory.map(({ name, stable, canary }) => ({
      name,
      stable: stable && quick(stable),
      canary: canary && quick(canary),
    })),
  };
}

describe('what is foreseen is what happens', { timeout: PATIENCE_MS }, () => {
  test('from nothing, and after any edit of a settled stack', () =>
    fc.assert(
      fc.asyncProperty(someStack(goodVersion), someStack(goodVersion), async (before: StackSpec, after) => {
        const loop = new ModelLoop(before);
        await expectForeseen(loop);
        await expectForeseen(loop);
        loop.stack = after;
        await expectForeseen(loop);
      }),
      { numRuns: runs(25) },
    ));

  test('when nothing of the stack is wished for any more', () =>
    fc.assert(
      fc.asyncProperty(someStack(goodVersion), async (stack) => {
        const loop = new ModelLoop(stack);
        loop.settle();
        loop.isRemoved = true;
        await expectForeseen(loop);
        await expectForeseen(loop);
      }),
      { numRuns: runs(25) },
    ));

  test('after any damage to a settled stack', () =>
    fc.assert(
      fc.asyncProperty(someStack(goodVersion), deed, async (stack, damage) => {
        const loop = new ModelLoop(stack);
        loop.settle();
        loop.world.passes(60_000);
        doDeed(loop, damage);
        await expectForeseen(loop);
      }),
      { numRuns: runs(50) },
    ));

  test('after any edit and any damage while services are suspended, which then catch up', () =>
    fc.assert(
      fc.asyncProperty(
        someStack(goodVersion),
        someStack(goodVersion),
        deed,
        fc.array(fc.constantFrom('app', 'web', 'api'), { minLength: 1 }),
        async (before, after, damage, held) => {
          const loop = new ModelLoop(before);
          loop.settle();
          loop.world.passes(60_000);
          loop.stack = after;
          doDeed(loop, damage);
          // Nobody foresees what a replica that hangs will be found to be.
          lookOn(loop);
          loop.suspends = held.map(suspend);
          await expectForeseenBesides(loop, held);
          loop.suspends = [];
          loop.settle();
        },
      ),
      { numRuns: runs(50) },
    ));

  test('from any start', () =>
    fc.assert(
      fc.asyncProperty(someStack(quickVersion), start, async (stack, begin) => {
        const loop = new ModelLoop(stack);
        loop.memory = enter(loop, foreseeable(begin));
        await expectForeseen(loop);
      }),
      { numRuns: runs(50) },
    ));
});
