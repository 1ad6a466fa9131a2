/** One policy engine replaces another without a moment in which nobody decides, whatever changes it and whenever the controller dies. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StackSpec } from '../../src/reconcilers/desired/stack-spec.js';
import { policyOf } from '../support/model/arbitraries.js';
import { describeLoop } from '../support/model/describe.js';
import { Broken, ModelLoop } from '../support/model/model-loop.js';
import { REGISTRY } from '../support/model/model-world.js';
import { PATIENCE_MS, runs } from '../support/model/runs.js';
import { service, stack } from '../support/model/stacks.js';

type Edit =
  | { readonly edit: 'policies'; readonly which: number }
  | { readonly edit: 'port'; readonly port: number }
  | { readonly edit: 'image'; readonly image: string };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ edit: fc.constant('policies' as const), which: fc.nat({ max: 2 }) }),
  fc.record({ edit: fc.constant('port' as const), port: fc.constantFrom(8181, 8282) }),
  fc.record({ edit: fc.constant('image' as const), image: fc.constantFrom('opa:1', 'opa:2') }),
);

/** `dies`: after so many steps of a tick, if ever. */
const change = fc.record({
  edit,
  ticks: fc.integer({ min: 0, max: 12 }),
  dies: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
});

function apply(loop: ModelLoop, change: Edit): void {
  const { policyEngine } = loop.stack;
  const set = (part: Partial<StackSpec['policyEngine']>) =>
    (loop.stack = { ...loop.stack, policyEngine: { ...policyEngine, ...part } });
  if (change.edit === 'policies') loop.policy = policyOf(change.which);
  if (change.edit === 'port') set({ port: change.port });
  if (change.edit === 'image') set({ image: change.image });
}

describe('policy engines', { timeout: PATIENCE_MS }, () => {
  test('hand over without a gap, and one of the last edit is left', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const loop = new ModelLoop(stack([service()]), { afterStep: () => expectDecider(loop) });
        let isUp = false;
        function expectDecider(of: ModelLoop): void {
          if (isUp && !isAsked(of)) throw new Broken(`nobody decides\n${describeLoop(of)}`);
        }
        loop.world.registry = new Map([...REGISTRY, ['opa:2', { ...image(), id: 'sha256:opa2' }]]);
        loop.settle();
        isUp = true;
        for (const { edit: what, ticks, dies } of changes) {
          apply(loop, what);
          for (let tick = 0; tick < ticks; tick += 1) loop.tick();
          if (dies !== undefined) loop.tick(dies);
        }
        loop.settle();
        const engines = loop.world.containers.filter(({ role }) => role === 'policy');
        const { port, image: wanted } = loop.stack.policyEngine;
        expect(
          engines.map(({ name, specHash, config: { image: made, publish } }) => ({
            name,
            specHash,
            made,
            publish,
          })),
          describeLoop(loop),
        ).toEqual([
          {
            name: `shop-policy-${loop.policy.digest.slice(0, 8)}`,
            specHash: loop.policy.digest,
            made: wanted,
            publish: [{ container: 8181, hostAddress: '127.0.0.1', host: port }],
          },
        ]);
      }),
      { numRuns: runs(60) },
    );
  });
});

function image() {
  const found = REGISTRY.get('opa:1');
  if (found === undefined) throw new Error('no opa:1');
  return found;
}

/** Whoever this tick chose still answers. */
function isAsked(loop: ModelLoop): boolean {
  const decider = loop.world.find(loop.decider ?? '');
  return decider !== undefined && loop.world.decides(decider);
}
