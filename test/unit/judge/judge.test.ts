import { describe, expect, test } from 'vitest';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { LogFacts } from '../../../src/reconcilers/judge/canary-book.js';
import { canaryLimits } from '../../../src/reconcilers/judge/canary-limits.js';
import type { WatchedCanary } from '../../../src/reconcilers/judge/canary-monitor.js';
import { Judge } from '../../../src/reconcilers/judge/judge.js';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import type { Track } from '../../../src/reconcilers/plan/proxy-model.js';
import type { Decision } from '../../../src/reconcilers/policy/gate.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';
import { canaryFacts, trackFacts } from '../../support/judgement.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const LIMITS = { thresholds: { max_error_percent: 2, slow_ms: 250, max_slow_percent: 'many' } };
const POLICIES = policySetOf([{ path: 'canary/data.json', content: Buffer.from(JSON.stringify(LIMITS)) }]);
const ALLOWED: Decision = { allow: true, silent: false, verdict: 'hold', answers: [] };

function canaryOf(text = '2.0.0'): ServiceSpec {
  const steps = [{ kind: 'share', weight: 5, holdMs: 60_000 }, { kind: 'pause' }] as const;
  const canary = { steps, sticky: 'cookie', replicas: 1, warmupMs: 3000, deadlineMs: 600_000 } as const;
  return version(text, { mode: 'canary', canary });
}

function loopWith(wanted: ServiceSpec): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  loop.stack = stack([wanted]);
  loop.settle();
  return loop;
}

/** A judge that was told what the log says, and what was asked of it. */
function judgeOf(
  log: LogFacts | undefined,
  decision = ALLOWED,
  metrics?: ConstructorParameters<typeof Judge>[3],
) {
  const asked: { readonly canary: object }[] = [];
  let watched: readonly WatchedCanary[] = [];
  const monitor = {
    watch: (canaries: readonly WatchedCanary[]) => void (watched = canaries),
    factsOf: () => log,
  };
  const gate = {
    askAnalysis: (_: unknown, look: { readonly canary: object }) => {
      asked.push(look);
      return Promise.resolve(decision);
    },
  };
  return { judge: new Judge(monitor, gate, 50, metrics), asked, watching: () => watched };
}

function sightOf(loop: ModelLoop, afterMs = 0) {
  const { memory, stack: wanted, world } = loop;
  return {
    stack: wanted,
    memory,
    world: world.observe(wanted),
    policies: POLICIES,
    now: world.now + afterMs,
  };
}

/** The model has none. */
function atAddresses(sight: ReturnType<typeof sightOf>) {
  const containers = sight.world.containers.map((container) => {
    const [[network, endpoint] = []] = container.networks;
    const address = `10.0.0.${container.track ?? ''}`;
    const networks = new Map(network && endpoint ? [[network, { ...endpoint, address }]] : []);
    return { ...container, networks };
  });
  return { ...sight, world: { ...sight.world, containers } };
}

function logOf(requests = 0, lastRequestAtMs?: number): LogFacts {
  const { stable, evidence, windows } = canaryFacts();
  return {
    canary: trackFacts({ requests }),
    ...(stable === undefined ? {} : { stable }),
    evidence,
    windows,
    recent: { window_seconds: 30, requests },
    ...(lastRequestAtMs === undefined ? {} : { lastRequestAtMs }),
  };
}

function replica({ world }: ModelLoop, track: Track): string {
  return world.containers.find((container) => container.track === track)?.id ?? '';
}

function change(loop: ModelLoop, track: Track, to: Partial<ObservedContainer>): void {
  loop.world.change(replica(loop, track), to);
}

async function troublesOf(loop: ModelLoop) {
  const { judge, watching } = judgeOf(logOf());
  await judge.look(sightOf(loop), NOBODY);
  return watching()[0]?.troubles;
}

const NOBODY = new AbortController().signal;

describe('a look', () => {
  test('tells the policies where the rollout stands', async () => {
    const loop = loopWith(canaryOf());
    const startedAt = loop.memory.services['app']?.rollout?.startedAt ?? 0;
    const sight = sightOf(loop, 10_000);
    const { judge, asked } = judgeOf(logOf(40, sight.now - 2000));
    const [found] = await judge.look(sight, NOBODY);
    expect(asked[0]?.canary).toMatchObject({
      weight: 5,
      step: {
        index: 1,
        count: 2,
        weight: 5,
        hold_seconds: 60,
        paused: false,
        elapsed_seconds: (sight.now - startedAt) / 1000,
      },
      elapsed_seconds: (sight.now - startedAt) / 1000,
      silent_seconds: 2,
      deadline_seconds: 600,
      same_spec: false,
      canary: { requests: 40 },
    });
    expect(found).toMatchObject({ service: 'app', verdict: { verdict: 'hold' } });
    expect(judge.known('app')?.recent).toEqual({ window_seconds: 30, requests: 40 });
  });

  test('knows how often replicas were restarted, by the engine and by us', async () => {
    const loop = loopWith(canaryOf());
    const canary = loop.world.containers.find(({ track }) => track === 'canary')?.id ?? '';
    loop.world.change(canary, { restartCount: 1 });
    for (let times = 0; times < 2; times += 1) {
      loop.world.change(canary, { state: 'exited', exitCode: 1 });
      loop.settle();
      loop.world.passes(60_000);
    }
    const { judge, watching } = judgeOf(logOf());
    await judge.look(sightOf(loop), NOBODY);
    expect(watching()[0]?.troubles).toMatchObject({ stable: { restarts: 0 }, canary: { restarts: 3 } });
  });

  test('counts what ended during the rollout, and not what a replica of stable suffered before it', async () => {
    const loop = new ModelLoop(stack([service()]));
    loop.settle();
    change(loop, 'stable', { restartCount: 6, oomKilled: true });
    loop.stack = stack([canaryOf()]);
    loop.settle();
    change(loop, 'canary', { restartCount: 5 });
    expect(await troublesOf(loop)).toEqual({
      stable: { restarts: 0, oomKills: 0 },
      canary: { restarts: 5, oomKills: 0 },
    });
    change(loop, 'stable', { restartCount: 8 });
    loop.settle();
    change(loop, 'stable', { restartCount: 1 });
    loop.settle();
    expect(await troublesOf(loop)).toMatchObject({ stable: { restarts: 3 } });
  });

  test('counts a replica of stable that is made meanwhile from its beginning, and keeps the count of one that went', async () => {
    const loop = new ModelLoop(stack([service()]));
    loop.settle();
    change(loop, 'stable', { restartCount: 6 });
    loop.stack = stack([canaryOf()]);
    loop.settle();
    change(loop, 'stable', { restartCount: 7 });
    loop.settle();
    loop.world.remove(replica(loop, 'stable'));
    loop.settle();
    change(loop, 'stable', { restartCount: 2 });
    expect(await troublesOf(loop)).toMatchObject({ stable: { restarts: 3 } });
  });

  test('remembers each kill for memory, which the engine forgets when it starts a replica again', async () => {
    const loop = loopWith(canaryOf());
    const lastEnd = { exitCode: 137, oomKilled: true };
    const { now } = loop.world;
    change(loop, 'canary', { oomKilled: true });
    loop.settle();
    change(loop, 'canary', { oomKilled: false, startedAt: now + 1, lastEnd });
    loop.settle();
    expect(await troublesOf(loop)).toMatchObject({ canary: { oomKills: 1 } });
    change(loop, 'canary', { startedAt: now + 2 });
    expect(await troublesOf(loop)).toMatchObject({ canary: { oomKills: 2 } });
    loop.settle();
    change(loop, 'canary', { startedAt: now + 3, lastEnd: { exitCode: 0, oomKilled: false } });
    loop.settle();
    expect(await troublesOf(loop)).toMatchObject({ canary: { oomKills: 2 }, stable: { oomKills: 0 } });
  });

  test('reads the log from the end of the warm-up on, for the replicas that there are', async () => {
    const loop = loopWith(canaryOf());
    const { judge, watching } = judgeOf(logOf());
    await judge.look(atAddresses(sightOf(loop)), NOBODY);
    const { startedAt = 0, since } = loop.memory.services['app']?.rollout ?? {};
    expect(watching()).toMatchObject([
      {
        service: 'app',
        sinceMs: startedAt + 3000,
        changedAtMs: [since],
        limits: { max_error_percent: 2, slow_ms: 250, max_slow_percent: 1 },
        hasStable: true,
        troubles: { stable: { restarts: 0, oomKills: 0 }, canary: { restarts: 0, oomKills: 0 } },
      },
    ]);
    expect([...(watching()[0]?.addresses ?? [])].sort()).toEqual([
      ['10.0.0.canary', 'canary'],
      ['10.0.0.stable', 'stable'],
    ]);
  });

  test('leaves out what follows the canary on its track, and is not judged yet', async () => {
    const loop = loopWith(canaryOf());
    const { judge, watching } = judgeOf(logOf());
    const sight = atAddresses(sightOf(loop));
    const [canary] = sight.world.containers.filter(({ track }) => track === 'canary');
    if (canary === undefined) throw new Error('no canary runs');
    const networks = new Map(
      [...canary.networks].map(([name, at]) => [name, { ...at, address: '10.0.0.next' }]),
    );
    const next = { ...canary, id: 'next', specHash: 'of another version', networks };
    const world = { ...sight.world, containers: [...sight.world.containers, next] };
    await judge.look({ ...sight, world }, NOBODY);
    expect(watching()[0]?.addresses.get('10.0.0.next')).toBe('other');
  });

  test('knows what the metrics of each track say, and of none nothing', async () => {
    const loop = loopWith(canaryOf());
    const said = { windowSeconds: 30, resets: 1, missedScrapes: 2, chaos: 'error' } as const;
    const metrics = {
      troubles: (_: string, track: string) => (track.startsWith('canary/') ? said : undefined),
    };
    const { judge, asked } = judgeOf(logOf(), ALLOWED, metrics);
    await judge.look(sightOf(loop), NOBODY);
    expect(asked[0]?.canary).toMatchObject({
      canary: { metrics: { window_seconds: 30, resets: 1, missed_scrapes: 2, chaos: 'error' } },
    });
    expect(asked[0]?.canary).not.toHaveProperty('stable.metrics');
  });

  test('counts silence from the first share on', async () => {
    const { judge, asked } = judgeOf(logOf());
    await judge.look(sightOf(loopWith(canaryOf()), 5000), NOBODY);
    expect(asked[0]?.canary).toMatchObject({ silent_seconds: expect.closeTo(5, 0) as number });
  });

  test('is put off until the log was read', async () => {
    const { judge, asked } = judgeOf(undefined);
    expect(await judge.look(sightOf(loopWith(canaryOf())), NOBODY)).toEqual([]);
    expect(asked).toEqual([]);
    expect(judge.known('app')).toBeUndefined();
  });

  test('is for canaries alone', async () => {
    const loop = new ModelLoop(stack([service()]));
    loop.settle();
    const { judge, watching } = judgeOf(logOf());
    expect(await judge.look(sightOf(loop), NOBODY)).toEqual([]);
    expect(watching()).toEqual([]);
  });

  test('knows a canary that is stable in all but its mode', async () => {
    const { judge, asked } = judgeOf(logOf());
    await judge.look(sightOf(loopWith(canaryOf('1.0.0'))), NOBODY);
    expect(asked[0]?.canary).toMatchObject({ same_spec: true });
  });

  test('moves nothing when nobody answers', async () => {
    const { judge } = judgeOf(logOf(), { allow: false, silent: true, answers: [] });
    const [found] = await judge.look(sightOf(loopWith(canaryOf())), NOBODY);
    expect(found?.verdict.verdict).toBe('hold');
  });
});

describe('the limits that evidence is measured against', () => {
  test('are the data of the policies, and a manifest makes them stricter', () => {
    expect(canaryLimits(POLICIES)).toEqual({ max_error_percent: 2, slow_ms: 250, max_slow_percent: 1 });
    expect(canaryLimits(POLICIES, { max_error_percent: 0.5, slow_ms: 900 })).toEqual({
      max_error_percent: 0.5,
      slow_ms: 250,
      max_slow_percent: 1,
    });
  });

  test('have the names that older tools give them, too', () => {
    expect(canaryLimits(POLICIES, { max_error_rate: 0.001, max_p99_ms: 100 })).toEqual({
      max_error_percent: 0.1,
      slow_ms: 100,
      max_slow_percent: 1,
    });
  });

  test('are the published ones where the policies keep none', () => {
    expect(canaryLimits(policySetOf([]))).toEqual({
      max_error_percent: 1,
      slow_ms: 500,
      max_slow_percent: 1,
    });
  });
});
