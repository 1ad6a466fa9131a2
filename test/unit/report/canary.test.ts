import { describe, expect, test } from 'vitest';
import type { CanaryStep } from '../../../src/reconcilers/desired/stack-spec.js';
import type { Track } from '../../../src/reconcilers/plan/proxy-model.js';
import { judgement, trackFacts, type JudgementChange } from '../../support/judgement.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

const STEPS: readonly CanaryStep[] = [
  { kind: 'share', weight: 5, holdMs: 1000 },
  { kind: 'pause' },
  { kind: 'share', weight: 50, holdMs: 1000 },
];

/** Of a canary that has had requests. */
const ASKED = { canary: trackFacts({ requests: 300 }) };
const LAST = { index: 1, count: 1, weight: 25, hold_seconds: 1, elapsed_seconds: 1, paused: false };

function canaryBlock(steps: readonly CanaryStep[]) {
  return { steps, sticky: 'cookie', replicas: 1, warmupMs: 0, deadlineMs: 60_000 } as const;
}

function canaryOf(steps = STEPS) {
  return stack([version('2.0.0', { mode: 'canary', canary: canaryBlock(steps) })]);
}

/** At its first step. */
async function canary(steps = STEPS): Promise<ModelReport> {
  const told = new ModelReport(new ModelLoop(stack([service()])));
  await told.settle();
  told.loop.stack = canaryOf(steps);
  await told.settle();
  told.events.length = 0;
  return told;
}

/** Judged so in the next ticks. */
async function judged(told: ModelReport, change: JudgementChange): Promise<void> {
  const found = judgement(change);
  told.next = { judgements: [found] };
  told.loop.verdicts.set('app', found.verdict);
  told.loop.world.passes(1000);
  await told.settle();
}

describe('the conditions of a canary', () => {
  test.each([
    ['it is within its limits', { words: '300 requests, 0 errors', facts: ASKED }],
    ['nobody has asked it anything yet', { words: 'held where it is: 0 requests' }],
    ['nobody can tell yet', { verdict: 'inconclusive', words: 'too few requests' }],
    ['it fails', { allow: false, words: 'error_rate is 56.45%, maximum allowed is 1.00%' }],
    ['nobody judges', { allow: false, silent: true, words: 'OPA cannot be reached' }],
    ['it does harm', { verdict: 'rollback', allow: false, words: 'errors' }],
  ] as const)('when %s', async (_, change) => {
    const told = await canary();
    await judged(told, change);
    expect(told.conditions('CanaryHealthy', 'Promoted', 'Progressing', 'Stalled')).toMatchSnapshot();
  });

  test('and history tell of everything, which a canary has once its steps are gone and the policies say advance', async () => {
    const told = await canary();
    told.loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
    await told.settle();
    expect(told.conditions('Promoted')).toContain('step 1 of 1, 5 %, 100 % when the policies say advance');
    expect(told.events.filter(({ event }) => event === 'canary_step')).toEqual([]);
    await judged(told, { verdict: 'advance', facts: ASKED });
    const [all] = told.events.filter(({ event }) => event === 'canary_step');
    expect(all).toMatchObject({ service: 'app', version: '2.0.0', weight: 100 });
  });

  test('say of a failure that was just recorded why, and of no step', async () => {
    const told = await canary();
    const found = judgement({ verdict: 'rollback', allow: false, words: 'errors' });
    told.loop.verdicts.set('app', found.verdict);
    await told.tick({ judgements: [found] });
    expect(told.conditions('Reconciling')).toBe('Reconciling=True Progressing: app 2.0.0: errors');
  });

  test('name the services that they are about', async () => {
    const shop = { name: 'shop', route: { path: '/shop' } };
    const told = new ModelReport(new ModelLoop(stack([service(), service(shop)])));
    await told.settle();
    const { canary: block } = canaryOf().services[0] ?? service();
    const two = version('2.0.0', { mode: 'canary', ...(block === undefined ? {} : { canary: block }) });
    told.loop.stack = stack([two, { ...two, ...shop }]);
    await told.settle();
    expect(told.conditions('CanaryHealthy')).toBe(
      'CanaryHealthy=Unknown NotJudged: app: the canary was not judged yet; shop: the canary was not judged yet',
    );
    const looks = (change: JudgementChange) => [
      judgement({ words: '300 requests, 0 errors', facts: ASKED }),
      { ...judgement({ facts: ASKED, ...change }), service: 'shop' },
    ];
    await told.tick({ judgements: looks({ words: '200 requests, 1 error' }) });
    expect(told.conditions('CanaryHealthy')).toBe(
      'CanaryHealthy=True WithinLimits: app: 300 requests, 0 errors; shop: 200 requests, 1 error',
    );
    await told.tick({ judgements: looks({ verdict: 'inconclusive', words: 'too few requests' }) });
    expect(told.conditions('CanaryHealthy')).toBe('CanaryHealthy=Unknown Undecided: shop: too few requests');
    await told.tick({ judgements: looks({ allow: false, words: "14 of the canary's 30 requests failed" }) });
    expect(told.conditions('CanaryHealthy')).toBe(
      "CanaryHealthy=False Failing: shop: 14 of the canary's 30 requests failed",
    );
  });

  test('at its deadline, held because nobody could tell', async () => {
    const told = await canary();
    const found = judgement({ facts: ASKED, words: 'undecided at its deadline of 60 s, and held' });
    const warnings = [{ code: 'on_deadline', message: 'undecided at its deadline of 60 s, and held' }];
    const answer = {
      domain: 'canary',
      question: 'analyse',
      allow: true,
      reasons: [],
      warnings,
      durationMs: 1,
    };
    await told.tick({ judgements: [{ ...found, decision: { ...found.decision, answers: [answer] } }] });
    expect(told.conditions('CanaryHealthy')).toBe(
      'CanaryHealthy=Unknown Undecided: app: undecided at its deadline of 60 s, and held',
    );
  });

  test('before it was looked at', async () => {
    expect((await canary()).conditions('Ready', 'CanaryHealthy', 'Promoted', 'Progressing'))
      .toMatchInlineSnapshot(`
        "Ready=True Settled: 1 service as the manifest says
        Progressing=True CanaryStep: app: step 1 of 3, 5 %
        CanaryHealthy=Unknown NotJudged: app: the canary was not judged yet
        Promoted=False CanaryInProgress: app: step 1 of 3, 5 %"
      `);
  });

  test('at a pause, at its last step, and when that was held for its time', async () => {
    const told = await canary();
    await judged(told, { verdict: 'advance' });
    expect(told.conditions('Promoted')).toMatchInlineSnapshot(
      `"Promoted=False Paused: app: step 2 of 3, 5 %, waits for a person: set pause: false"`,
    );
    told.loop.stack = canaryOf(
      STEPS.map((step) => (step.kind === 'pause' ? { ...step, ended: true } : step)),
    );
    await told.settle();
    expect(told.conditions('Promoted', 'Progressing')).toMatchInlineSnapshot(`
      "Progressing=True CanaryStep: app: step 3 of 3, 50 %
      Promoted=False CanaryInProgress: app: step 3 of 3, 50 %"
    `);
    told.loop.world.passes(1000);
    await told.tick();
    expect(told.conditions('Promoted', 'Progressing')).toMatchInlineSnapshot(`
      "Progressing=False Complete: no version is being rolled out
      Promoted=False AwaitingPromotion: set mode: stable to promote app"
    `);
  });
});

describe('status.json', () => {
  test('tells the step, the share, the verdict, and both tracks', async () => {
    const told = await canary();
    const facts = {
      canary: trackFacts({ requests: 100, errors: 1, error_rate_percent: 1, error_interval_percent: [0, 5] }),
      stable: trackFacts({ requests: 2000, slow: 20, slow_percent: 1, slow_interval_percent: [0.5, 2] }),
    };
    await judged(told, { facts, words: 'held: 0.5 s of 1 s' });
    expect(told.status.services[0]).toHaveProperty('rollout');
    const { startedAt, since, ...rollout } = (told.status.services[0] as { rollout: Record<string, unknown> })
      .rollout;
    expect([startedAt, since]).toEqual([expect.any(String), expect.any(String)]);
    expect(rollout).toMatchInlineSnapshot(`
      {
        "canary": {
          "errorIntervalPercent": [
            0,
            5,
          ],
          "errorRatePercent": 1,
          "errors": 1,
          "requests": 100,
          "slow": 0,
          "version": "2.0.0",
        },
        "holdSeconds": 1,
        "message": "held: 0.5 s of 1 s",
        "paused": false,
        "stable": {
          "errors": 0,
          "requests": 2000,
          "slow": 20,
          "slowIntervalPercent": [
            0.5,
            2,
          ],
          "slowPercent": 1,
          "version": "1.0.0",
        },
        "step": 1,
        "steps": 3,
        "verdict": "hold",
        "weight": 5,
      }
    `);
  });
});

describe('a canary that is the first version', () => {
  const STEPS_TO_BEGIN: readonly CanaryStep[] = [
    { kind: 'share', weight: 0, holdMs: 1000 },
    { kind: 'share', weight: 50, holdMs: 1000 },
  ];

  async function first(steps = STEPS_TO_BEGIN): Promise<ModelReport> {
    const told = new ModelReport(new ModelLoop(canaryOf(steps)));
    await told.settle();
    return told;
  }

  test('has everything, and is told so', async () => {
    const told = await first();
    expect(told.conditions('Progressing', 'Promoted')).toMatchInlineSnapshot(`
      "Progressing=True CanaryStep: app: step 1 of 2, 100 % (there is no stable version yet)
      Promoted=False CanaryInProgress: app: step 1 of 2, 100 % (there is no stable version yet)"
    `);
    expect(told.status.services).toMatchObject([
      { rollout: { step: 1, weight: 100, alone: true }, tracks: [{ track: 'canary', weight: 100 }] },
    ]);
    await judged(told, { verdict: 'advance' });
    const steps = told.events.filter(({ event }) => event === 'canary_step');
    expect(steps).toMatchObject([
      { step: 1, weight: 100, alone: true },
      { step: 2, weight: 100, alone: true },
    ]);
  });

  test('also where it waits for a person', async () => {
    expect((await first([{ kind: 'pause' }])).status.services).toMatchObject([
      { rollout: { weight: 100, alone: true, paused: true } },
    ]);
  });

  test('is alone no more beside a stable version', async () => {
    const told = await canary();
    expect(told.status.services[0]).toMatchObject({ rollout: { weight: 5 } });
    expect(told.status.services[0]).not.toHaveProperty('rollout.alone');
  });
});

describe('the history of a canary', () => {
  test('has its steps and its looks', async () => {
    const told = await canary();
    await judged(told, { verdict: 'hold' });
    await judged(told, { verdict: 'hold' });
    await judged(told, { verdict: 'hold', facts: { canary: trackFacts({ requests: 9 }) } });
    await judged(told, { verdict: 'advance' });
    told.next = {};
    told.loop.verdicts.clear();
    told.loop.stack = canaryOf(STEPS.filter(({ kind }) => kind === 'share'));
    await told.settle();
    const lines = told.events.map(({ event, verdict, step, weight, paused }) =>
      [event, verdict, step, weight, paused].filter((word) => word !== undefined).join(' '),
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "canary_look hold 1 5",
        "canary_look hold 1 5",
        "canary_look advance 1 5",
        "canary_step 2 5 true",
        "canary_step 2 50 false",
      ]
    `);
  });

  test.each(['hold', 'inconclusive'] as const)(
    'has each look at its only step while it is undecided (%s), and none that knows of no new request',
    async (verdict) => {
      const told = await canary(STEPS.slice(0, 1));
      for (const requests of [100, 150, 150, 200])
        await judged(told, { verdict, facts: { step: LAST, canary: trackFacts({ requests }) } });
      const looks = told.events.filter(({ event }) => event === 'canary_look');
      expect(looks.map(({ canary: track }) => track)).toMatchObject([
        { requests: 100 },
        { requests: 150 },
        { requests: 200 },
      ]);
    },
  );

  test('has a look that came a little early', async () => {
    const told = await canary(STEPS.slice(0, 1));
    for (const requests of [100, 150]) {
      const found = judgement({ facts: { step: LAST, canary: trackFacts({ requests }) } });
      told.next = { judgements: [found] };
      told.loop.world.passes(900);
      await told.tick();
    }
    expect(told.events.filter(({ event }) => event === 'canary_look')).toHaveLength(2);
  });

  /** What was told while every replica of a track was away, and when it was back; and how many changes of shares are left out. */
  async function without(track: Track) {
    const told = await canary();
    const { loop } = told;
    const ids = loop.world.containers.filter((one) => one.track === track).map(({ id }) => id);
    for (const id of ids) loop.world.change(id, { state: 'exited', exitCode: 137 });
    const changes = () => loop.memory.services.app?.rollout?.changes?.length;
    const before = changes();
    await told.settle();
    const shares = told.events.filter(({ event }) => event === 'canary_share');
    return {
      told: shares.map(({ weight, cause }) => [weight, cause]),
      leftOut: (changes() ?? 0) - (before ?? 0),
    };
  }

  test('has shares that no step gave it, because stable was away, and the moments of both changes are left out', async () => {
    expect(await without('stable')).toEqual({
      told: [
        [100, 'no replica of stable works'],
        [5, 'as its step says again'],
      ],
      leftOut: 2,
    });
  });

  test('has its step’s share again when stable is back, though it goes on in that very moment', async () => {
    const told = await canary([
      { kind: 'share', weight: 5, holdMs: 1000 },
      { kind: 'share', weight: 50, holdMs: 1000 },
    ]);
    const { loop } = told;
    const lost = loop.world.containers.find(({ track }) => track === 'stable');
    loop.world.change(lost?.id ?? '', { state: 'exited', exitCode: 137 });
    loop.verdicts.set('app', { verdict: 'advance', words: 'healthy' });
    await told.settle();
    const shares = told.events.filter(({ event }) => /^canary_s(hare|tep)$/.test(String(event)));
    expect(shares.map(({ step, weight, cause }) => [step, weight, cause])).toEqual([
      [1, 100, 'no replica of stable works'],
      [1, 5, 'as its step says again'],
      [2, 50, undefined],
    ]);
  });

  test('has the time in which the canary itself was away, and what it failed around that counts', async () => {
    expect(await without('canary')).toEqual({
      told: [
        [0, 'no replica of it works'],
        [5, 'as its step says again'],
      ],
      leftOut: 0,
    });
  });

  test.each([
    ['promoted', stack([version('2.0.0', { canary: canaryBlock(STEPS.slice(0, 1)) })]), 'promote'],
    ['taken back by a person', stack([service()]), 'rollback'],
    [
      'gone on with',
      canaryOf([...STEPS.slice(0, 1), { kind: 'share', weight: 50, holdMs: 0 }]),
      'canary_step',
    ],
  ] as const)(
    'has all that it was asked while it waits, proven, at its last step, when it is %s',
    async (_, next, end) => {
      const told = await canary(STEPS.slice(0, 1));
      const counted = (requests: number) =>
        judged(told, { verdict: 'advance', facts: { step: LAST, canary: trackFacts({ requests }) } });
      for (const requests of [100, 150, 200]) await counted(requests);
      told.loop.stack = next;
      told.next = {};
      if (end === 'canary_step') told.loop.verdicts.set('app', { verdict: 'advance', words: '' });
      await told.settle();
      const lines = told.events
        .filter(({ service: name }) => name === 'app')
        .map(({ event, canary: track }) => [event, (track as { requests?: number } | undefined)?.requests]);
      expect(lines.slice(0, 3)).toEqual([
        ['canary_look', 100],
        ['canary_look', 200],
        [end, undefined],
      ]);
    },
  );

  test('says that it was taken back, from what and why', async () => {
    const told = await canary();
    await judged(told, { verdict: 'rollback', allow: false, words: 'errors: 20 %' });
    const events = told.events.filter(({ event }) => event === 'rollback' || event === 'replica_failed');
    const words = events.map(({ event, version: text, from, reason, cause, message }) => ({
      event,
      version: text,
      from,
      reason,
      cause,
      message,
    }));
    expect(words).toMatchInlineSnapshot(`
      [
        {
          "cause": undefined,
          "event": "replica_failed",
          "from": undefined,
          "message": "app 2.0.0: errors: 20 %",
          "reason": "CanaryRejected",
          "version": "2.0.0",
        },
        {
          "cause": "app 2.0.0: errors: 20 %",
          "event": "rollback",
          "from": "2.0.0",
          "message": undefined,
          "reason": undefined,
          "version": "1.0.0",
        },
      ]
    `);
  });
});

describe('a promotion that bakes', () => {
  const block = canaryBlock(STEPS.slice(0, 1));
  const spec = version('2.0.0', { canary: { ...block, bakeMs: 10_000 } });

  async function baking(): Promise<ModelReport> {
    const told = new ModelReport(new ModelLoop(stack([service()])));
    await told.settle();
    told.loop.stack = stack([{ ...spec, mode: 'canary' }]);
    await told.settle();
    told.events.length = 0;
    told.loop.stack = stack([spec]);
    await told.settle();
    return told;
  }

  test('is told with its time, and is not promoted yet', async () => {
    const told = await baking();
    expect(told.conditions('Ready', 'Promoted', 'Progressing', 'Stalled')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      Stalled=False NotStalled: no person is needed
      Progressing=True CanaryStep: app: 2.0.0 serves everybody and bakes until 2026-05-05T20:00:12.140Z, the version before stands by
      Promoted=False Baking: app: 2.0.0 serves everybody and bakes until 2026-05-05T20:00:12.140Z, the version before stands by"
    `);
    expect(told.status.services[0]).toMatchObject({ rollout: { weight: 100, bake: { over: false } } });
    expect(
      told.events.map(({ event, weight, bake_seconds: seconds }) => ({ event, weight, seconds })),
    ).toEqual([{ event: 'canary_step', weight: 100, seconds: 10 }]);
  });

  test('is not told of a version that takes over', async () => {
    const told = await baking();
    told.loop.stack = stack([{ ...version('3.0.0'), canary: { ...block, bakeMs: 10_000 } }]);
    await told.tick();
    expect(told.conditions('Promoted')).not.toContain('bakes');
    expect(told.status.services[0]).not.toHaveProperty('rollout.bake');
  });

  test('ends as a promotion', async () => {
    const told = await baking();
    told.events.length = 0;
    told.loop.world.passes(10_000);
    await judged(told, { verdict: 'advance' });
    const promotions = told.events.filter(({ event }) => event === 'promote');
    expect(promotions).toMatchObject([{ version: '2.0.0', target_mode: 'stable' }]);
  });

  test('while it ends, says of which version each column is', async () => {
    const told = await baking();
    told.loop.world.passes(10_000);
    const found = judgement({ verdict: 'advance' });
    told.next = { judgements: [found] };
    told.loop.verdicts.set('app', found.verdict);
    await told.tick();
    await told.tick();
    expect(told.status.services[0]).toMatchObject({
      tracks: [{ track: 'stable', version: '2.0.0' }, { version: '1.0.0' }, { version: '2.0.0' }],
      rollout: { canary: { version: '2.0.0' }, stable: { version: '1.0.0' } },
    });
  });

  test('says of what went wrong that it was in its bake', async () => {
    const told = await baking();
    told.events.length = 0;
    await judged(told, { verdict: 'rollback', allow: false, words: 'errors: 20 %' });
    expect(told.conditions('CanaryHealthy', 'Promoted', 'Stalled')).toMatchInlineSnapshot(`
      "Stalled=True RolloutFailed: app 2.0.0: taken back in its bake, 1 s after its promotion: errors: 20 %; it is not tried again until the spec changes
      CanaryHealthy=False CanaryRejected: app 2.0.0: taken back in its bake, 1 s after its promotion: errors: 20 %
      Promoted=False CanaryFailed: there is nothing to promote: the canary failed"
    `);
    const events = told.events.map(({ event, from, version: text }) => [event, from, text]);
    expect(events).toContainEqual(['rollback', '2.0.0', '1.0.0']);
    expect(told.status.services[0]).toMatchObject({ failed: [{ version: '2.0.0', inBake: true }] });
  });
});
