import { describe, expect, test } from 'vitest';
import type { CanaryStep } from '../../../src/reconcilers/desired/stack-spec.js';
import { judgement } from '../../support/judgement.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

const BAKE_MS = 10_000;

function share(weight: number): CanaryStep {
  return { kind: 'share', weight, holdMs: 1000 };
}

function canaryWith(steps: readonly CanaryStep[]) {
  const canary = { steps, sticky: 'cookie', replicas: 1, warmupMs: 0, deadlineMs: 60_000, bakeMs: BAKE_MS };
  return version('2.0.0', { mode: 'canary', canary: { ...canary, sticky: 'cookie' } });
}

/** From the first share to the end of its bake; the policies say advance all the time. */
async function rolledOut(steps: readonly CanaryStep[]): Promise<ModelReport> {
  const told = new ModelReport(new ModelLoop(stack([service()])));
  await told.settle();
  told.events.length = 0;
  const spec = canaryWith(steps);
  const { verdict } = judgement({ verdict: 'advance' });
  told.loop.verdicts.set('app', verdict);
  told.loop.stack = stack([spec]);
  await told.run(10_000);
  told.loop.stack = stack([{ ...spec, mode: 'stable' }]);
  await told.run(BAKE_MS + 10_000);
  return told;
}

/** One line an event of a version: what happened, and which questions were answered. */
function decisions({ events }: ModelReport): readonly string[] {
  return events.map(({ event, target_mode: mode, weight, paused, decision }) => {
    const { answers } = (decision ?? { answers: [] }) as { answers: readonly { question: string }[] };
    const what = [event, mode, weight, paused === true ? 'paused' : undefined];
    const questions = answers.map(({ question }) => question).join(', ');
    return `${what.filter((word) => word !== undefined).join(' ')}: ${questions || 'not asked'}`;
  });
}

describe('each event of a rollout carries the decision that allowed it, and no other', () => {
  test('from its shares to the end of its bake', async () => {
    expect(decisions(await rolledOut([share(5), { kind: 'pause' }]))).toMatchInlineSnapshot(`
      [
        "promote canary: start_canary",
        "canary_step 5: start_canary",
        "canary_step 5 paused: not asked",
        "canary_step 100: promote",
        "promote stable: promote",
      ]
    `);
  });

  test('where its last share is everything already', async () => {
    expect(decisions(await rolledOut([share(50), share(100)]))).toMatchInlineSnapshot(`
      [
        "promote canary: start_canary",
        "canary_step 50: start_canary",
        "canary_step 100: start_canary",
        "canary_step 100: not asked",
        "promote stable: promote",
      ]
    `);
  });
});
