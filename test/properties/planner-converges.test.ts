/** Law 1 and 3: from any state of the world, by any way there, the loop ends at what the manifest says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPlan } from '../../src/reconcilers/plan/format-plan.js';
import type { ServiceSpec, StackSpec } from '../../src/reconcilers/desired/stack-spec.js';
import type { ServiceMemory } from '../../src/reconcilers/plan/memory.js';
import { isState } from '../../src/reconcilers/state-shape.js';
import {
  anyVersion,
  deed,
  doDeed,
  enter,
  goodVersion,
  someStack,
  start,
} from '../support/model/arbitraries.js';
import { describeLoop } from '../support/model/describe.js';
import { PATIENCE_MS, runs } from '../support/model/runs.js';
import { ModelLoop } from '../support/model/model-loop.js';

/** By service: version and track of who answers, and how many. */
function serving({ world, stack }: ModelLoop): Record<string, string> {
  const answering = world.answering(stack.network.name);
  return Object.fromEntries(
    stack.services
      .filter(({ route }) => route !== undefined)
      .map(({ name }) => [
        name,
        (answering.get(name) ?? [])
          .map(({ track = '', version = '' }) => `${track} ${version}`)
          .sort()
          .join(', '),
      ]),
  );
}

function wanted({ stack, memory }: ModelLoop): Record<string, string> {
  return Object.fromEntries(
    stack.services
      .filter(({ route }) => route !== undefined)
      .map((spec) => [
        spec.name,
        answerers(spec, memory.services[spec.name] ?? {})
          .sort()
          .join(', '),
      ]),
  );
}

/** A canary beside a stable version has its first share: nobody said that it may go on. */
function answerers(spec: ServiceSpec, { stable }: ServiceMemory): string[] {
  if (spec.mode === 'stable') return replicasOf(spec, spec.replicas);
  const canaries = replicasOf(spec, spec.canary?.replicas ?? spec.replicas);
  const share = shareOf(spec);
  if (stable === undefined || share === 100) return canaries;
  return [...replicasOf({ ...stable, mode: 'stable' }, spec.replicas), ...(share === 0 ? [] : canaries)];
}

function shareOf({ canary }: ServiceSpec): number {
  const [first] = canary?.steps ?? [];
  return first?.kind === 'share' ? first.weight : 100;
}

function replicasOf({ mode, container }: ServiceSpec, count: number): string[] {
  return Array.from({ length: count }, () => `${mode} ${container.version}`);
}

describe('the loop converges', { timeout: PATIENCE_MS }, () => {
  test('from any start', () => {
    fc.assert(
      fc.property(
        someStack(goodVersion),
        start,
        fc.infiniteStream(fc.nat({ max: 7 })),
        (stack, begin, order) => {
          const loop = new ModelLoop(stack, { choose: () => order.next().value as number });
          loop.memory = enter(loop, begin);
          loop.settle();
          expect(serving(loop), describeLoop(loop)).toEqual(wanted(loop));
          expect(formatPlan(loop.plan().chains)).toBe('nothing to do');
        },
      ),
      { numRuns: runs(50) },
    );
  });

  test('after any edits and any damage', () => {
    const edit = fc.record({
      stack: fc.option(someStack(anyVersion), { nil: undefined }),
      deed,
      ticks: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), someStack(goodVersion), (edits, last) => {
        const loop = new ModelLoop(last);
        for (const { stack, deed: done, ticks } of edits) {
          if (stack !== undefined) loop.stack = stack;
          for (let tick = 0; tick < ticks; tick += 1) loop.tick();
          doDeed(loop, done);
          expect(isReadBack(loop)).toBe(true);
        }
        loop.rest();
        loop.stack = edited(last);
        loop.settle();
        expect(serving(loop), describeLoop(loop)).toEqual(wanted(loop));
      }),
      { numRuns: runs(15) },
    );
  });
});

/** What is remembered of a stack that was is what the next controller can work with. */
function isReadBack({ memory, stack }: ModelLoop): boolean {
  return isState(JSON.parse(JSON.stringify({ memory, stack })));
}

/** Another spec than any before: what failed is not tried again until then. */
function edited(stack: StackSpec): StackSpec {
  const services = stack.services.map((service) => ({
    ...service,
    container: { ...service.container, env: { EDITED: 'again' } },
  }));
  return { ...stack, services };
}
