import { expect, test } from 'vitest';
import { verdictOf } from '../../../src/cli/loop/verdict.js';
import { ForeignClaim } from '../../../src/reconcilers/docker/engine-errors.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack } from '../../support/model/stacks.js';

const POOL = Object.assign(new Error('(HTTP code 403) forbidden - all pools are full '), {
  json: { message: 'all predefined address pools have been fully subnetted' },
});
const PORT = new ForeignClaim('port', '8181', 'port 8181 is in use by a process on the host');

const isNetwork = ({ kind, target }: Step) => kind === 'createNetwork' && target === 'shop-policy';
const isStart = ({ kind, target }: Step) => kind === 'startContainer' && target.includes('-policy-');

/** Its first tick ends at `fails`, and so does each after it until `error` is taken away. */
function failing(fails: (step: Step) => boolean, error: Error) {
  const trouble: { error: Error | undefined } = { error };
  const beforeStep = (step: Step) => {
    if (trouble.error !== undefined && fails(step)) throw trouble.error;
  };
  return { trouble, told: new ModelReport(new ModelLoop(stack([service()]), { beforeStep })) };
}

async function verdict(told: ModelReport): Promise<number> {
  for (;;) {
    await told.tick();
    const code = verdictOf(told.status.conditions);
    if (code !== undefined) return code;
  }
}

const NO_START = 'the container does not start: cannot mount the cgroup';

test.each([
  [
    'its network cannot be made',
    isNetwork,
    POOL,
    'NobodyToAsk: createNetwork shop-policy failed: all predefined address pools have been fully subnetted',
  ],
  [
    'its container does not start',
    isStart,
    new Error(NO_START),
    `NobodyToAsk: startContainer shop-policy-dddddddd failed: ${NO_START}`,
  ],
  ['its port is taken', isStart, PORT, `NameOrPortTaken: ${PORT.message}`],
])('no policy engine, for %s: that has failed, and nothing was denied', async (_what, fails, error, why) => {
  const { told } = failing(fails, error);
  expect(await verdict(told)).toBe(1);
  expect(told.conditions('Stalled')).toBe(`Stalled=True ${why}`);
  for (let tick = 0; tick < 20; tick += 1) {
    await told.tick();
    expect([1, undefined], told.conditions()).toContain(verdictOf(told.status.conditions));
  }
});

test('no image of a policy engine: that is missing, and nothing was denied', async () => {
  const { told } = failing(() => false, POOL);
  const { policyEngine } = told.loop.stack;
  told.loop.stack = {
    ...told.loop.stack,
    policyEngine: { ...policyEngine, image: 'nowhere:1', pull: 'never' },
  };
  expect(await verdict(told)).toBe(1);
  expect(told.conditions('PolicyAllowed')).toMatchInlineSnapshot(
    `"PolicyAllowed=False NobodyToAsk: nobody could be asked: image nowhere:1 is not on the engine and pull is never: build or load it"`,
  );
});

test('what failed once is tried again before anybody is asked: it is no end', async () => {
  const { told, trouble } = failing(isNetwork, POOL);
  await told.tick();
  expect(verdictOf(told.status.conditions)).toBeUndefined();
  trouble.error = undefined;
  expect(await verdict(told)).toBe(0);
});

test('an engine that is there and silent denies, as ever', async () => {
  const { told, trouble } = failing(isStart, PORT);
  await verdict(told);
  trouble.error = undefined;
  told.loop.silent = true;
  await told.run(5000);
  expect(verdictOf(told.status.conditions)).toBe(2);
});
