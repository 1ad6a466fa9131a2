import { expect, test } from 'vitest';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

test('who waits for a place says so', async () => {
  const told = new ModelReport(new ModelLoop(stack([service()])));
  await told.settle();
  told.loop.stack = stack([
    service({ route: { path: '/old' } }),
    version('2.0.0-sick', { name: 'web', route: { path: '/' } }),
  ]);
  for (let tick = 0; tick < 5; tick += 1) await told.tick();
  expect(told.conditions('Ready')).toMatchInlineSnapshot(
    `"Ready=False Progressing: app: it is ready, and answers where it did until somebody can take that place over; web: 0 of 1 replica ready"`,
  );
});
