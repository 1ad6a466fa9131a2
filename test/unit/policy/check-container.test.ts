import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ObservedImage } from '../../../src/reconcilers/observed/world.js';
import type { Engine } from '../../../src/reconcilers/docker/engine.js';
import { CapabilityShelf } from '../../../src/reconcilers/policy/capabilities.js';
import { checkInContainer, checkWithCoverage } from '../../../src/reconcilers/policy/check-container.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';
import { probesOf } from '../../../src/reconcilers/policy/probe-tests.js';
import { slowestArgs, slowestWords } from '../../../src/reconcilers/policy/slowest.js';

const REMOVAL_TURNS = 50;

/** Programs run until somebody loses patience; who was made later takes long to remove. */
function slowEngine() {
  const there = new Set<string>();
  const engine: Partial<Engine> = {
    inspectImage: () => Promise.resolve({ id: 'sha256:opa' } as ObservedImage),
    createContainer: ({ name }) => Promise.resolve(there.add(name)).then(() => name),
    putFiles: () => Promise.resolve(),
    startContainer: () => Promise.resolve(),
    followLogs: () => Promise.resolve(),
    wait: (_id, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    removeContainer: async (id) => {
      for (let left = id.endsWith('-coverage') ? REMOVAL_TURNS : 0; left > 0; left -= 1) await turn();
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
  const ended = checkWithCoverage(place, set).catch(() => 'given up');
  while (there.size < 2) await turn();
  stop.abort();
  expect(await ended).toBe('given up');
  expect([...there]).toEqual([]);
});

test.each([404, 409])('a check whose container somebody removes says so: %s', async (statusCode) => {
  const { engine, there } = slowEngine();
  const refusal = Object.assign(new Error('(HTTP code 409) unexpected'), { statusCode });
  const taken: Partial<Engine> = {
    ...engine,
    wait: () => Promise.resolve(137),
    logs: () => Promise.reject(refusal),
  };
  const place = { engine: taken as Engine, stack: 'shop', image: 'opa:1' };
  const set = policySetOf([{ path: 'x/x.rego', content: Buffer.from('package swiftdeploy.x\n') }]);
  await expect(checkInContainer(place, set, new CapabilityShelf())).rejects.toThrow(
    "the check's container was removed from outside",
  );
  expect([...there]).toEqual([]);
});

/** As `opa test` prints them. */
function ran(results: readonly (readonly [pkg: string, name: string, seconds: number])[]): string {
  return JSON.stringify(
    results.map(([pkg, name, seconds]) => ({ package: pkg, name, duration: seconds * 1e9 })),
  );
}

const SET = policySetOf(
  ['a', 'b'].map((name) => ({
    path: `${name}/${name}.rego`,
    content: Buffer.from(`# METADATA\n# custom: {questions: [heal, remove]}\npackage swiftdeploy.${name}\n`),
  })),
);
const PROBES = probesOf(SET);
const OURS = 'data.system.probes_test';

test.each([
  [
    [
      [OURS, 'test_1', 0.2],
      [OURS, 'test_4', 1.44],
    ] as const,
    'b needs 1.4 s for "heal"',
  ],
  [
    [
      [OURS, 'test_1', 2.001],
      ['data.b_test', 'test_x', 0.1],
    ] as const,
    'a needs more than 2 s for "heal"',
  ],
  [
    [
      [OURS, 'test_1', 0.2],
      ['data.b_test', 'test_x', 2],
    ] as const,
    'the test b_test.test_x needs more than 2 s',
  ],
  [[], undefined],
])('a check that does not end says what takes longest: %j', (results, words) =>
  expect(slowestWords(ran(results), PROBES)).toBe(words),
);

test('who was ended is blamed before who only waited for the processor beside it', () => {
  const cut = { code: 'eval_cancel_error' };
  const runs = [
    { package: 'data.a_test', name: 'test_innocent', duration: 2.4e9 },
    { package: OURS, name: 'test_4', duration: 1.9e9, error: cut },
  ];
  expect(slowestWords(JSON.stringify(runs), PROBES)).toBe('b needs more than 2 s for "heal"');
});

test('for that each domain is asked its first question, and each own test run', () => {
  expect(slowestArgs(PROBES, ['data.b_test.test_x']).at(-1)).toBe(
    String.raw`^(data\.system\.probes_test\.test_1|data\.system\.probes_test\.test_4|data\.b_test\.test_x)$`,
  );
});

test('and the check, which was given up, tells it', async () => {
  const { engine } = slowEngine();
  const hangs = engine.wait.bind(engine);
  let trials = 0;
  const wait: Engine['wait'] = (id, signal) =>
    id.endsWith('-b') && ++trials === 1 ? hangs(id, signal) : Promise.resolve(0);
  const logs = () => Promise.resolve([ran([[OURS, 'test_4', 2]])]);
  const place = { engine: { ...engine, wait, logs }, stack: 'shop', image: 'opa:1', timeoutMs: 500 };
  const shelf = { of: () => Promise.resolve(Buffer.from('{}')) } as unknown as CapabilityShelf;
  await expect(checkInContainer(place, SET, shelf)).rejects.toThrow(
    'it did not end within 0.5 s: b needs more than 2 s for "heal"',
  );
});
