/** A canary that failed is taken back when users do not have it any more: until then the history says that it failed, and no more. */
import { describe, expect, test } from 'vitest';
import { judgement } from '../../support/judgement.js';
import { ModelLoop, type LoopOptions } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';
import type { StackState } from '../../../src/reconcilers/stack-state.js';

const BLOCK = {
  steps: [{ kind: 'share', weight: 10, holdMs: 1000 }],
  sticky: 'off',
  replicas: 1,
  warmupMs: 0,
  deadlineMs: 60_000,
} as const;

/** At its 10 %. */
async function canary(options: LoopOptions = {}): Promise<ModelReport> {
  const told = new ModelReport(new ModelLoop(stack([service()]), options));
  await told.settle();
  told.loop.stack = stack([version('2.0.0', { mode: 'canary', canary: BLOCK })]);
  await told.settle();
  told.events.length = 0;
  return told;
}

/** So that each tick from now on hears that it does harm. */
function condemn(told: ModelReport): void {
  const found = judgement({ verdict: 'rollback', allow: false, words: 'errors: 20 %' });
  told.next = { judgements: [found] };
  told.loop.verdicts.set('app', found.verdict);
}

async function kept(): Promise<ModelReport> {
  const told = await canary();
  condemn(told);
  told.loop.allow = ({ question }) => question !== 'rollback';
  await told.run(5000);
  return told;
}

function told(report: ModelReport): readonly string[] {
  return report.events
    .filter(({ event }) => ['replica_failed', 'rollback', 'deploy', 'promote'].includes(event))
    .map(({ event, version: text }) => `${event} ${String(text)}`);
}

/** The controller ends at once and starts again with the notes of its last tick. */
function killed({ loop, state, next }: ModelReport): ModelReport {
  const report = new ModelReport(loop);
  report.state = JSON.parse(JSON.stringify(state)) as StackState;
  report.next = next;
  return report;
}

describe('a canary that failed', () => {
  test('is not taken back while the policies keep it where it is', async () => {
    const report = await kept();
    expect(told(report)).toEqual(['replica_failed 2.0.0']);
    report.loop.allow = () => true;
    await report.settle();
    expect(told(report)).toEqual(['replica_failed 2.0.0', 'rollback 1.0.0']);
    expect(report.events.find(({ event }) => event === 'rollback')).toMatchObject({
      from: '2.0.0',
      target_mode: 'stable',
      cause: 'app 2.0.0: errors: 20 %',
      generation: 1,
      decision: { answers: [{ domain: 'canary', allow: false }] },
    });
  });

  test('is not taken back while the proxy cannot be told', async () => {
    let isStuck = false;
    const report = await canary({
      beforeStep: ({ kind }) => {
        if (isStuck && kind === 'shiftTraffic') throw new Error('the proxy does not serve it');
      },
    });
    condemn(report);
    isStuck = true;
    await report.run(5000);
    expect(told(report)).toEqual(['replica_failed 2.0.0']);
    isStuck = false;
    await report.settle();
    expect(told(report)).toEqual(['replica_failed 2.0.0', 'rollback 1.0.0']);
  });

  test.each(['before', 'after'] as const)(
    'is told to be taken back once, by who is killed %s it is',
    async (when) => {
      const first = await kept();
      first.loop.allow = () => true;
      // Its notes of this tick, in which the requests go back, get lost.
      if (when === 'after') first.loop.tick();
      const second = killed(first);
      await second.settle();
      expect(told(second)).toEqual(['rollback 1.0.0']);
      const third = killed(second);
      await third.settle();
      await third.run(5000);
      expect(told(third)).toEqual([]);
    },
  );

  test('is not said to be taken back when another version takes its place', async () => {
    const report = await kept();
    report.loop.verdicts.clear();
    report.next = {};
    report.loop.stack = stack([version('3.0.0')]);
    await report.run(10_000);
    report.loop.allow = () => true;
    await report.settle();
    expect(told(report)).toEqual(['replica_failed 2.0.0', 'deploy 3.0.0']);
  });

  test('has its row in the status while it has a share', async () => {
    const report = await kept();
    const shares = () =>
      (report.status.services as readonly { tracks: readonly object[]; failed?: readonly object[] }[])[0];
    expect(shares()).toMatchObject({
      tracks: [
        { track: 'stable', version: '1.0.0', weight: 90, replicas: { desired: 1, ready: 1 } },
        { track: 'canary', version: '2.0.0', weight: 10, replicas: { desired: 0, ready: 1 } },
      ],
      failed: [{ version: '2.0.0', weight: 10 }],
    });
    report.loop.allow = () => true;
    await report.settle();
    const after = shares();
    expect(after?.tracks).toMatchObject([{ track: 'stable', weight: 100 }]);
    expect(after?.failed).toMatchObject([{ version: '2.0.0' }]);
    expect(after?.failed?.[0]).not.toHaveProperty('weight');
  });
});
