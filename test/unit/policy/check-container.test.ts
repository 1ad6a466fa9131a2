import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ObservedImage } from '../../../src/reconcilers/observed/world.js';
import type { Engine } from '../../../src/reconcilers/docker/engine.js';
import { CapabilityShelf } from '../../../src/reconcilers/policy/capabilities.js';
import { checkInContainer } from '../../../src/reconcilers/policy/check-container.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';

const REMOVAL_TURNS = 50;

/** Programs run until somebody loses patience; who was made later takes long to remove. */
function slowEngine() {
  const there = new Set<string>();
  const engine: Partial<Engine> = {
    inspectImage: () => Promise.resolve({ id: 'sha256:opa' } as ObservedImage),
    createContainer: ({ name }) => Promise.resolve(there.add(name)).then(() => name),
    putFiles: () => Promise.resolve(),
    startContainer: () => Promise.resolve(),
    wait: (_id, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    removeContainer: async (id) => {
      for (let left = id.endsWith('-b') ? REMOVAL_TURNS : 0; left > 0; left -= 1) await turn();
      there.delete(id);
    },
  };
  return { engine: engine as Engine, there };
}

test('a check that is given up ends when all of its containers are gone', async () => {
  const { engine, there } = slowEngine();
  const stop = new AbortController();
  const set = policySetOf([{ path: 'x/x.rego', content: Buffer.from('package swiftdeploy.x\n') }]);
  const place = { engine, stack: 'shop', image: 'opa:1', signal: stop.signal };
  const ended = checkInContainer(place, set, new CapabilityShelf()).catch(() => 'given up');
  while (there.size < 2) await turn();
  stop.abort();
  expect(await ended).toBe('given up');
  expect([...there]).toEqual([]);
});
