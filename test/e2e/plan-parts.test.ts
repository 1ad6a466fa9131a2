/** What `plan` prints is what `run` then does, when an edit concerns the proxy or the policy engine, and no service. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('what plan prints is what run does, to the parts', () => {
  const stack = new Stack();
  const both = new PlanAndRun(new CommandLine(stack.dir));

  beforeAll(async () => {
    await stack.prepare();
    await both.run();
  });
  afterAll(() => stack.dispose());

  test('another time limit of the proxy: the same container, reloaded', async () => {
    await stack.edit(({ nginx }) => Object.assign(nginx, { proxy_timeout: 7 }));
    expect(kindsOf(await both.expectPlanned())).not.toContain('createContainer');
  });

  test('another port of the proxy', async () => {
    const port = await freePort();
    await stack.edit(({ nginx }) => Object.assign(nginx, { port }));
    await both.expectPlanned();
    stack.port = port;
    expect(await stack.servedVersion()).toBe('1');
  });
});
