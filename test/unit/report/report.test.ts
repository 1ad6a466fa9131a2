import { describe, expect, test } from 'vitest';
import { ModelLoop } from '../../support/model/model-loop.js';
import { CreationRefused } from '../../../src/reconcilers/docker/engine-errors.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import { outcomeOf } from '../../../src/reconcilers/tick-outcome.js';
import { ModelReport, type ToldStatus } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

const CORE = ['Ready', 'Reconciling', 'Stalled'];

function report(first = service()): ModelReport {
  return new ModelReport(new ModelLoop(stack([first])));
}

async function settled(first = service()): Promise<ModelReport> {
  const told = report(first);
  await told.settle();
  told.events.length = 0;
  return told;
}

/** Events without what differs between runs. */
function names({ events }: ModelReport): string[] {
  return events.map(({ event, kind, target, service: of, version: text }) =>
    [event, kind, target, of, text].filter((word) => word !== undefined).join(' '),
  );
}

function standing({ conditions }: Pick<ToldStatus, 'conditions'>): string {
  return ['Ready', 'Stalled']
    .map((wanted) => `${wanted}=${conditions.find(({ type }) => type === wanted)?.status ?? ''}`)
    .join(' ');
}

describe('conditions', () => {
  test('at the very first tick, and settled', async () => {
    const told = report();
    await told.tick();
    expect(told.conditions()).toMatchInlineSnapshot(`
      "Ready=False Progressing: createNetwork shop-policy: the stack needs its network
      Reconciling=True Progressing: createNetwork shop-policy: the stack needs its network
      Stalled=False NotStalled: no person is needed
      ManifestValid=True Valid: the manifest obeys its schema
      PolicyReady=False NotAnswering: the policy engine does not answer its health check: nothing goes forward
      PolicyAllowed=True NothingDenied: no step is denied
      InSync=True AsApplied: the world is as it was applied
      Available=False NoReadyReplica: no ready replica: app
      Progressing=True RollingOut: app: 0 of 1 replica ready"
    `);
    await told.settle();
    expect(told.conditions()).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      Reconciling=False Settled: nothing is on its way
      Stalled=False NotStalled: no person is needed
      ManifestValid=True Valid: the manifest obeys its schema
      PolicyReady=True Answering: policy revision ffffffffffff decides
      PolicyAllowed=True NothingDenied: no step is denied
      InSync=True AsApplied: the world is as it was applied
      Available=True Serving: every service has a ready replica
      Progressing=False Complete: no version is being rolled out"
    `);
    expect(told.status.services).toMatchInlineSnapshot(`
      [
        {
          "mode": "stable",
          "name": "app",
          "specHash": "f9122c6e7743e6793e0ee13e1bf934a6833e441ca312930ba779d63c2ae9b62e",
          "tracks": [
            {
              "replicas": {
                "desired": 1,
                "ready": 1,
              },
              "specHash": "f9122c6e7743e6793e0ee13e1bf934a6833e441ca312930ba779d63c2ae9b62e",
              "track": "stable",
              "version": "1.0.0",
              "weight": 100,
            },
          ],
          "version": "1.0.0",
        },
      ]
    `);
  });

  test('while a version rolls out', async () => {
    const told = await settled();
    told.loop.stack = stack([version('2.0.0', { replicas: 2 })]);
    const seen = new Set<string>();
    for (let tick = 0; tick < 14; tick += 1) {
      await told.tick();
      seen.add(told.conditions('Reconciling', 'Progressing'));
    }
    expect([...seen].join('\n--\n')).toMatchInlineSnapshot(`
      "Reconciling=True Progressing: createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0
      Progressing=True RollingOut: app: 0 of 2 replicas ready
      --
      Reconciling=True Progressing: stageProxy shop-proxy: the next routes are tested while their replicas start
      Progressing=True RollingOut: app: 0 of 2 replicas ready
      --
      Reconciling=True Progressing: app: 0 of 2 replicas ready
      Progressing=True RollingOut: app: 0 of 2 replicas ready
      --
      Reconciling=True Progressing: shiftTraffic app: stable 100 % (1) → stable 100 % (3)
      Progressing=True RollingOut: app: traffic moves, the old replicas drain
      --
      Reconciling=True Progressing: stageProxy shop-proxy: the next routes are tested while their replicas start
      Progressing=True RollingOut: app: traffic moves, the old replicas drain
      --
      Reconciling=True Progressing: app: traffic moves, the old replicas drain
      Progressing=True RollingOut: app: traffic moves, the old replicas drain
      --
      Reconciling=True Progressing: shiftTraffic app: stable 100 % (3) → stable 100 % (2)
      Progressing=True RollingOut: app: traffic moves, the old replicas drain
      --
      Reconciling=True Progressing: app: traffic moves, the old replicas drain
      Progressing=False Complete: no version is being rolled out
      --
      Reconciling=True Progressing: stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0
      Progressing=False Complete: no version is being rolled out"
    `);
  });

  test('denied for more reasons than anybody reads', async () => {
    const told = await settled();
    told.loop.allow = () => false;
    told.loop.reasons = [1, 2, 3, 4, 5].map((n) => ({ code: `r${String(n)}`, message: `no ${String(n)}` }));
    told.loop.stack = stack([version('2.0.0')]);
    await told.tick();
    expect(told.conditions('Ready')).toBe(
      'Ready=False PolicyDenied: replace app: infrastructure: no 1, infrastructure: no 2, infrastructure: no 3, and 2 more',
    );
  });

  test('denied', async () => {
    const told = await settled();
    told.loop.allow = () => false;
    told.loop.stack = stack([version('2.0.0')]);
    await told.tick();
    expect(told.conditions(...CORE, 'PolicyAllowed', 'Available')).toMatchInlineSnapshot(`
      "Ready=False PolicyDenied: replace app: infrastructure: disk free is 3 GB
      Reconciling=False PolicyDenied: nothing can go on by itself
      Stalled=True PolicyDenied: replace app: infrastructure: disk free is 3 GB
      PolicyAllowed=False Denied: replace app: infrastructure: disk free is 3 GB
      Available=True Serving: every service has a ready replica"
    `);
    told.loop.stack = stack([service()]);
    await told.tick();
    expect(told.conditions('Ready', 'PolicyAllowed')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      PolicyAllowed=True NothingDenied: no step is denied"
    `);
  });

  test('denied because nobody answers', async () => {
    const told = await settled();
    told.loop.silent = true;
    told.loop.stack = stack([version('2.0.0')]);
    await told.tick();
    expect(told.conditions(...CORE, 'PolicyAllowed')).toMatchInlineSnapshot(`
      "Ready=False PolicyDenied: replace app: infrastructure: OPA cannot be reached: connection refused
      Reconciling=False PolicyDenied: nothing can go on by itself
      Stalled=True PolicyDenied: replace app: infrastructure: OPA cannot be reached: connection refused
      PolicyAllowed=False Denied: replace app: infrastructure: OPA cannot be reached: connection refused"
    `);
  });

  test('an invalid manifest keeps the last good one', async () => {
    const told = await settled();
    const problems = ['manifest.yaml:12:9 services.port must be <= 65535 (got 70000)'];
    told.next = {
      generation: 2,
      manifest: { path: '/srv/manifest.yaml', sha256: 'd'.repeat(64), valid: false, problems, warnings: [] },
    };
    await told.tick({ manifestEvent: { event: 'manifest_invalid', generation: 2, problems } });
    expect(told.conditions(...CORE, 'ManifestValid', 'Available')).toMatchInlineSnapshot(`
      "Ready=False ManifestInvalid: manifest.yaml:12:9 services.port must be <= 65535 (got 70000)
      Reconciling=False Settled: nothing is on its way
      Stalled=True ManifestInvalid: manifest.yaml:12:9 services.port must be <= 65535 (got 70000)
      ManifestValid=False Invalid: manifest.yaml:12:9 services.port must be <= 65535 (got 70000)
      Available=True Serving: every service has a ready replica"
    `);
    expect(names(told)).toEqual(['manifest_invalid']);
  });

  test('a manifest that cannot be read, before any was good', async () => {
    const told = report();
    const manifest = {
      path: '/srv/manifest.yaml',
      valid: false,
      problems: ['/srv/manifest.yaml is a directory'],
      warnings: [],
    };
    told.next = { manifest };
    await told.early({});
    expect(told.conditions(...CORE, 'ManifestValid')).toMatchInlineSnapshot(`
      "Ready=False ManifestInvalid: /srv/manifest.yaml is a directory
      Reconciling=False Settled: nothing is on its way
      Stalled=True ManifestInvalid: /srv/manifest.yaml is a directory
      ManifestValid=False Invalid: /srv/manifest.yaml is a directory"
    `);
  });

  test('a manifest whose checkout is gone does not blame its commit', async () => {
    const told = await settled();
    const source = {
      ready: { ok: true, reason: 'Fetched', message: 'main is at aaaaaaa: Two', since: '' },
      revision: {
        commit: 'a'.repeat(40),
        ref: 'main',
        author: 'Ann <ann@example.com>',
        committedAt: '2026-01-01T00:00:00.000Z',
        subject: 'Two',
        dir: '/state/source/revisions/a',
      },
    };
    const manifest = {
      path: '/srv/manifest.yaml',
      valid: false,
      problems: ['/srv/manifest.yaml does not exist'],
      warnings: [],
    };
    told.next = { source, manifest };
    await told.tick();
    expect(told.conditions('ManifestValid')).toMatchInlineSnapshot(`
      "ManifestValid=False Invalid: the checkout of commit aaaaaaa (Two) on this host is damaged, the next look at the repository makes it again:
      /srv/manifest.yaml does not exist"
    `);
  });

  test('warnings of a good manifest', async () => {
    const told = await settled();
    const warnings = ['manifest.yaml:3:1 services has no route'];
    told.next = {
      manifest: { path: '/srv/manifest.yaml', sha256: 'c'.repeat(64), valid: true, problems: [], warnings },
    };
    await told.tick();
    expect(told.conditions('Ready', 'ManifestValid')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      ManifestValid=True ValidWithWarnings: manifest.yaml:3:1 services has no route"
    `);
  });

  test('a version that failed', async () => {
    const told = await settled();
    told.loop.stack = stack([version('3.0.0-sick')]);
    await told.run(10_000);
    expect(told.conditions()).toMatchInlineSnapshot(`
      "Ready=False RolloutFailed: app 3.0.0-sick: it was not healthy within 5 s: it answered 500; it is not tried again until the spec changes
      Reconciling=False Settled: nothing is on its way
      Stalled=True RolloutFailed: app 3.0.0-sick: it was not healthy within 5 s: it answered 500; it is not tried again until the spec changes
      ManifestValid=True Valid: the manifest obeys its schema
      PolicyReady=True Answering: policy revision ffffffffffff decides
      PolicyAllowed=True NothingDenied: no step is denied
      InSync=True AsApplied: the world is as it was applied
      Available=True Serving: every service has a ready replica
      Progressing=False RolloutFailed: app 3.0.0-sick: it was not healthy within 5 s: it answered 500"
    `);
    expect(told.status.services).toMatchInlineSnapshot(`
      [
        {
          "failed": [
            {
              "at": "2026-05-05T20:00:05.750Z",
              "message": "app 3.0.0-sick: it was not healthy within 5 s: it answered 500",
              "reason": "DeadlineExceeded",
              "specHash": "8402189468e422f7680e3bd293428e63df3bfa975bcfe270724a6062196cdfcf",
              "track": "stable",
              "version": "3.0.0-sick",
            },
          ],
          "mode": "stable",
          "name": "app",
          "specHash": "8402189468e422f7680e3bd293428e63df3bfa975bcfe270724a6062196cdfcf",
          "tracks": [
            {
              "replicas": {
                "desired": 1,
                "ready": 1,
              },
              "specHash": "f9122c6e7743e6793e0ee13e1bf934a6833e441ca312930ba779d63c2ae9b62e",
              "track": "stable",
              "version": "1.0.0",
              "weight": 100,
            },
          ],
          "version": "3.0.0-sick",
        },
      ]
    `);
    expect(names(told)).toMatchInlineSnapshot(`
      [
        "replica_failed app 3.0.0-sick",
      ]
    `);
  });

  test('several versions that failed, and a replica that does not stay up beside them', async () => {
    const told = report();
    const worker = (name: string, text: string) =>
      service({ name, noRoute: true, container: { version: text } });
    told.loop.stack = stack([
      version('2.0.0-sick'),
      worker('job', '2.0.0-sick'),
      worker('web', '1.0.0-flaky'),
    ]);
    const isUnstable = () => told.events.some(({ event }) => event === 'replica_unstable');
    while (!isUnstable() || told.conditions('Progressing').includes('True')) await told.tick();
    expect(told.conditions('Stalled', 'Progressing')).toMatchInlineSnapshot(`
      "Stalled=True RolloutFailed: app 2.0.0-sick: it was not healthy within 5 s: it answered 500; it is not tried again until the spec changes; job 2.0.0-sick: it was not healthy within 5 s: it answered 500; it is not tried again until the spec changes; shop-web-stable-42f284fe-1 does not stay up after 3 restarts or more: it is stopped (exit code 1); it is started again with growing pauses
      Progressing=False RolloutFailed: app 2.0.0-sick: it was not healthy within 5 s: it answered 500; job 2.0.0-sick: it was not healthy within 5 s: it answered 500"
    `);
    expect(names(told).filter((line) => line.startsWith('replica'))).toMatchInlineSnapshot(`
      [
        "replica_failed app 2.0.0-sick",
        "replica_failed job 2.0.0-sick",
        "replica_unstable shop-web-stable-42f284fe-1 web",
      ]
    `);
  });

  test('a canary, and one that failed', async () => {
    const told = await settled();
    told.loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
    await told.settle();
    expect(told.conditions('Ready', 'CanaryHealthy', 'Promoted')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      CanaryHealthy=Unknown NotJudged: app: the canary was not judged yet
      Promoted=False AwaitingPromotion: set mode: stable to promote app"
    `);
    told.loop.stack = stack([version('3.0.0-sick', { mode: 'canary' })]);
    await told.run(10_000);
    expect(told.conditions('Ready', 'Stalled', 'CanaryHealthy', 'Promoted')).toMatchInlineSnapshot(`
      "Ready=False RolloutFailed: app 3.0.0-sick: it was not healthy within 5 s: it answered 500; it is not tried again until the spec changes
      Stalled=True RolloutFailed: app 3.0.0-sick: it was not healthy within 5 s: it answered 500; it is not tried again until the spec changes
      CanaryHealthy=False DeadlineExceeded: app 3.0.0-sick: it was not healthy within 5 s: it answered 500
      Promoted=False CanaryFailed: there is nothing to promote: the canary failed"
    `);
  });

  test('a name that somebody else has', async () => {
    const told = await settled();
    const [sample] = told.loop.world.containers;
    if (sample === undefined) throw new Error('nothing runs');
    const proxy = told.loop.world.containers.find(({ role }) => role === 'proxy');
    told.loop.world.remove(proxy?.id ?? '');
    const theirs = { ...sample, id: 'theirs', name: 'shop-proxy', config: { ...sample.config, labels: {} } };
    told.loop.world.containers = [...told.loop.world.containers, theirs];
    await told.tick();
    expect(told.conditions(...CORE, 'Available')).toMatchInlineSnapshot(`
      "Ready=False NameOrPortTaken: a container named shop-proxy exists and is not this stack's
      Reconciling=False NameOrPortTaken: nothing can go on by itself
      Stalled=True NameOrPortTaken: a container named shop-proxy exists and is not this stack's
      Available=False ProxyNotServing: the proxy does not serve its configuration yet"
    `);
  });

  test('a network that somebody else has, and an image that nobody may pull', async () => {
    const told = report(service({ pull: 'never', container: { image: 'nowhere:1' } }));
    await told.run(3000);
    expect(told.conditions(...CORE)).toMatchInlineSnapshot(`
      "Ready=False ImageMissing: image nowhere:1 is not on the engine and pull is never: build or load it
      Reconciling=False ImageMissing: nothing can go on by itself
      Stalled=True ImageMissing: image nowhere:1 is not on the engine and pull is never: build or load it"
    `);
    told.loop.world.networks = told.loop.world.networks.map((one) => ({
      ...one,
      mine: one.name !== 'shop-net',
    }));
    await told.tick();
    expect(told.conditions('Stalled')).toMatchInlineSnapshot(
      `"Stalled=True NameOrPortTaken: a network named shop-net exists and is not this stack's; remove it (docker network rm shop-net) or name another in the manifest; image nowhere:1 is not on the engine and pull is never: build or load it"`,
    );
  });

  test('an image that cannot be pulled is tried again', async () => {
    const told = await settled();
    told.loop.stack = stack([version('2.0.0', { container: { image: 'nowhere:1' } })]);
    await told.tick();
    expect(told.conditions(...CORE)).toMatchInlineSnapshot(`
      "Ready=False StepFailed: pullImage nowhere:1 failed: no such image: nowhere:1
      Reconciling=True StepFailed: pullImage nowhere:1 failed: no such image: nowhere:1
      Stalled=False NotStalled: no person is needed"
    `);
  });

  test('several services that the engine refuses to create are named, each once, in the tick of that and between two tries', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const beforeStep = ({ kind, target }: Step) => {
      if (kind === 'createContainer' && target.includes('-stable-'))
        throw new CreationRefused(`no ${target.split('-')[1] ?? ''}`);
    };
    const loop = new ModelLoop(stack([]), { beforeStep });
    const told = new ModelReport(loop);
    await told.settle();
    loop.stack = stack(names.map((name) => service({ name, replicas: 2, route: { path: `/${name}` } })));
    while (!told.conditions('Reconciling').includes('StepFailed')) await told.tick();
    const tried = told.conditions('Reconciling').replaceAll(/-[0-9a-f]{8}-/g, '-HASH-');
    expect(tried).toBe(
      'Reconciling=True StepFailed: createContainer shop-five-stable-HASH-1 failed: no five; createContainer shop-four-stable-HASH-1 failed: no four; createContainer shop-one-stable-HASH-1 failed: no one; and 2 more',
    );
    await told.tick();
    expect(told.conditions('Reconciling', 'Progressing')).toMatchInlineSnapshot(`
      "Reconciling=True Progressing: five: 0 of 2 replicas ready (the engine: no five); four: 0 of 2 replicas ready (the engine: no four); one: 0 of 2 replicas ready (the engine: no one); and 2 more
      Progressing=True RollingOut: five: 0 of 2 replicas ready (the engine: no five); four: 0 of 2 replicas ready (the engine: no four); one: 0 of 2 replicas ready (the engine: no one); and 2 more"
    `);
    await told.run(8000);
    expect(told.conditions('Stalled')).toMatchInlineSnapshot(
      `"Stalled=True RolloutFailed: five 1.0.0: the engine refuses to create its container: no five; it is not tried again until the spec changes; four 1.0.0: the engine refuses to create its container: no four; it is not tried again until the spec changes; one 1.0.0: the engine refuses to create its container: no one; it is not tried again until the spec changes; and 2 more"`,
    );
  });

  test('the engine is unreachable', async () => {
    const told = await settled();
    const before = told.status.services;
    await told.early({ failure: 'the container engine does not answer (ECONNREFUSED)' });
    expect(told.conditions(...CORE)).toMatchInlineSnapshot(`
      "Ready=False EngineUnreachable: the container engine does not answer (ECONNREFUSED)
      Reconciling=True EngineUnreachable: the container engine does not answer (ECONNREFUSED)
      Stalled=False NotStalled: no person is needed"
    `);
    expect(told.status.services).toEqual(before);
  });

  test('policies that were never good, and bad ones after good ones', async () => {
    const told = await settled();
    const problem = { reason: 'PoliciesRejected', message: 'infrastructure.rego:3: rego_parse_error' };
    const { active } = { active: { revision: 'f'.repeat(64), files: [], domains: [] } };
    told.next = { policy: { active, problem } };
    await told.tick();
    expect(told.conditions('Ready', 'Stalled', 'PolicyReady')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      Stalled=False NotStalled: no person is needed
      PolicyReady=False PoliciesRejected: infrastructure.rego:3: rego_parse_error; the last good policies keep deciding"
    `);
    const fresh = report();
    fresh.next = { policy: { problem } };
    await fresh.early({});
    expect(fresh.conditions(...CORE, 'PolicyReady')).toMatchInlineSnapshot(`
      "Ready=False PoliciesInvalid: infrastructure.rego:3: rego_parse_error
      Reconciling=False Settled: nothing is on its way
      Stalled=True PoliciesInvalid: infrastructure.rego:3: rego_parse_error
      PolicyReady=False PoliciesRejected: infrastructure.rego:3: rego_parse_error; nothing is deployed until the policies pass"
    `);
  });

  test('a first check that came to no end says nothing of the policies', async () => {
    const told = report();
    told.next = {
      policy: { problem: { reason: 'CheckFailed', message: 'opa test did not end within 45 s' } },
    };
    await told.early({});
    expect(told.conditions('Stalled', 'PolicyReady')).toMatchInlineSnapshot(`
      "Stalled=True PoliciesUnchecked: opa test did not end within 45 s
      PolicyReady=False CheckFailed: opa test did not end within 45 s; nothing is deployed until the policies pass"
    `);
  });

  test('a replica that does not stay up', async () => {
    const told = await settled();
    const app = told.loop.world.containers.find(({ role }) => role === 'service');
    for (const end = told.loop.world.now + 16_000; told.loop.world.now < end;) {
      if (told.loop.world.find(app?.id ?? '')?.state === 'running')
        told.loop.world.change(app?.id ?? '', { state: 'exited', exitCode: 1, oomKilled: true });
      await told.tick();
    }
    expect(told.conditions(...CORE, 'Available')).toMatchInlineSnapshot(`
      "Ready=False Unstable: shop-app-stable-f9122c6e-1 does not stay up after 3 restarts or more: it was killed for using more memory than it may (OOM); it is started again with growing pauses
      Reconciling=False Unstable: nothing can go on by itself
      Stalled=True Unstable: shop-app-stable-f9122c6e-1 does not stay up after 3 restarts or more: it was killed for using more memory than it may (OOM); it is started again with growing pauses
      Available=False NoReadyReplica: no ready replica: app"
    `);
  });

  test.each(['unless-stopped', 'no'] as const)(
    'a worker that crashes again and again is not ready between two crashes, by %s',
    async (restartPolicy) => {
      const told = report(service({ noHealth: true, noRoute: true, container: { restartPolicy } }));
      await told.settle();
      const { world } = told.loop;
      const id = world.containers.find(({ role }) => role === 'service')?.id ?? '';
      world.change(id, { version: '1.0.0-flaky' });
      while (!told.events.some(({ event }) => event === 'replica_unstable')) await told.tick();
      told.statuses.length = 0;
      await told.run(60_000);
      expect([...new Set(told.statuses.map(standing))]).toEqual(['Ready=False Stalled=True']);
      const again = told.events.filter(({ event }) => event === 'replica_unstable');
      expect(again.length).toBeLessThan(4);
    },
  );

  test('a worker that stays up after many crashes is ready again, by itself', async () => {
    const told = report(service({ noHealth: true, noRoute: true }));
    await told.settle();
    const id = told.loop.world.containers.find(({ role }) => role === 'service')?.id ?? '';
    told.loop.world.change(id, { state: 'restarting', restartCount: 4, finishedAt: told.loop.world.now });
    await told.tick();
    const sights = async (ms: number) => (await told.run(ms), standing(told.status));
    expect(await sights(19_000)).toBe('Ready=False Stalled=True');
    const last = told.loop.ticks.at(-1);
    if (last === undefined) throw new Error('no tick');
    const retried = told.loop.retries.restarts();
    const outcome = outcomeOf({ ...last, retried, findings: [], streak: 0 });
    expect(outcome.kind).toBe('waiting');
    expect(await sights(outcome.kind === 'waiting' ? outcome.afterMs : 0)).toBe('Ready=True Stalled=False');
  });

  test('keep the time of their last change of status', async () => {
    const told = await settled();
    const before = told.status.conditions;
    await told.run(5000);
    expect(told.status.conditions).toEqual(before);
  });
});

describe('denials', () => {
  test('are told once per change of answer', async () => {
    const told = await settled();
    let allowed = false;
    told.loop.allow = () => allowed;
    told.loop.stack = stack([version('2.0.0')]);
    for (let tick = 0; tick < 5; tick += 1) await told.tick();
    expect(told.events).toMatchInlineSnapshot(`
      [
        {
          "decision": {
            "answers": [
              {
                "allow": false,
                "decision_id": "27c0005a",
                "domain": "infrastructure",
                "evaluation_ms": 0.04,
                "question": "replace",
              },
            ],
            "revision": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          },
          "domains": [
            "infrastructure",
          ],
          "event": "policy_denied",
          "proceeded": false,
          "question": "replace",
          "reasons": [
            {
              "code": "disk_free",
              "domain": "infrastructure",
              "limit": 10,
              "message": "disk free is 3 GB",
              "observed": 3,
            },
          ],
          "revision": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          "service": "app",
          "step": "createContainer",
          "target": "shop-app-stable-918093b3-1",
        },
      ]
    `);
    told.loop.silent = true;
    for (let tick = 0; tick < 5; tick += 1) await told.tick();
    expect(told.events.map(({ reasons }) => reasons)).toMatchInlineSnapshot(`
      [
        [
          {
            "code": "disk_free",
            "domain": "infrastructure",
            "limit": 10,
            "message": "disk free is 3 GB",
            "observed": 3,
          },
        ],
        [
          {
            "code": "OPA_UNREACHABLE",
            "domain": "infrastructure",
            "message": "OPA cannot be reached: connection refused",
          },
        ],
      ]
    `);
    told.loop.silent = false;
    for (let tick = 0; tick < 2; tick += 1) await told.tick();
    expect(told.events).toHaveLength(3);
    allowed = true;
    await told.settle();
    expect(told.state.denials).toEqual({});
    expect(names(told).slice(3)).toEqual(['deploy app 2.0.0']);
  });

  test('of a way back in silence are told, and it goes on', async () => {
    const told = await settled();
    told.loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
    await told.settle();
    told.events.length = 0;
    told.loop.silent = true;
    told.loop.stack = stack([service()]);
    await told.settle();
    const heard = told.events.map(({ event, question, proceeded, step }) => [
      event,
      question,
      step,
      proceeded,
    ]);
    expect(heard).toMatchInlineSnapshot(`
      [
        [
          "policy_denied",
          "rollback",
          "shiftTraffic",
          true,
        ],
        [
          "rollback",
          undefined,
          undefined,
          undefined,
        ],
        [
          "policy_denied",
          "remove",
          "shiftTraffic",
          true,
        ],
        [
          "policy_denied",
          "rollback",
          "stopContainer",
          true,
        ],
      ]
    `);
    expect(told.conditions('Ready', 'PolicyAllowed')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      PolicyAllowed=True NothingDenied: no step is denied"
    `);
  });
});

describe('drift', () => {
  test('is detected once and healed once', async () => {
    const told = await settled();
    const app = told.loop.world.containers.find(({ role }) => role === 'service');
    told.loop.world.remove(app?.id ?? '');
    await told.tick();
    expect(told.conditions('Ready', 'InSync')).toMatchInlineSnapshot(`
      "Ready=False Progressing: createContainer shop-app-stable-f9122c6e-1: shop-app-stable-f9122c6e-1 is gone
      InSync=False Drift: shop-app-stable-f9122c6e-1: shop-app-stable-f9122c6e-1 is gone"
    `);
    await told.settle();
    await told.tick();
    expect(names(told)).toMatchInlineSnapshot(`
      [
        "drift_detected removed shop-app-stable-f9122c6e-1",
        "drift_healed removed shop-app-stable-f9122c6e-1",
      ]
    `);
    expect(told.conditions('Ready', 'InSync')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      InSync=True AsApplied: the world is as it was applied"
    `);
  });

  test('is healed with the decision that allowed the step', async () => {
    const told = await settled();
    const app = told.loop.world.containers.find(({ role }) => role === 'service');
    told.loop.world.end(app?.id ?? '', 137);
    told.loop.allow = () => false;
    await told.tick();
    told.loop.allow = () => true;
    await told.settle();
    await told.tick();
    const decision = expect.objectContaining({
      revision: told.loop.policy.revision,
      answers: [
        expect.objectContaining({ question: 'heal', allow: true, decision_id: '27c0005a' }) as object,
      ],
    }) as object;
    expect(told.events.at(-1)).toMatchObject({ event: 'drift_healed', kind: 'stopped', decision });
  });

  test('is healed when requests go to the replica, not when it could take them', async () => {
    const told = await settled();
    const app = told.loop.world.containers.find(({ role }) => role === 'service');
    told.loop.world.remove(app?.id ?? '');
    let tick = await told.tick();
    while (!told.events.some(({ event }) => event === 'drift_healed')) tick = await told.tick();
    expect(tick.plan.chains.flat().map(({ kind }) => kind)).not.toContain('shiftTraffic');
  });

  test('that is denied stays open and is told once', async () => {
    const told = await settled();
    const app = told.loop.world.containers.find(({ role }) => role === 'service');
    told.loop.world.end(app?.id ?? '', 137);
    told.loop.allow = () => false;
    for (let tick = 0; tick < 4; tick += 1) await told.tick();
    expect(names(told)).toMatchInlineSnapshot(`
      [
        "drift_detected stopped shop-app-stable-f9122c6e-1",
        "policy_denied shop-app-stable-f9122c6e-1 app",
      ]
    `);
    told.loop.allow = () => true;
    await told.settle();
    await told.tick();
    expect(names(told).filter((name) => name.startsWith('drift'))).toMatchInlineSnapshot(`
      [
        "drift_detected stopped shop-app-stable-f9122c6e-1",
        "drift_healed stopped shop-app-stable-f9122c6e-1",
      ]
    `);
  });

  test('an image that moved is drift that nobody heals', async () => {
    const told = await settled();
    const image = told.loop.world.images.get('app:1');
    if (image === undefined) throw new Error('no image');
    told.loop.world.images.set('app:1', { ...image, id: 'sha256:moved' });
    for (let tick = 0; tick < 3; tick += 1) await told.tick();
    expect(names(told)).toMatchInlineSnapshot(`
      [
        "drift_detected image app",
      ]
    `);
    expect(told.conditions('Ready', 'InSync')).toMatchInlineSnapshot(`
      "Ready=True Settled: 1 service as the manifest says
      InSync=False Drift: app: app:1 is another image now; app keeps the one it was made of (pull: always would replace it)"
    `);
    told.loop.world.images.set('app:1', image);
    await told.tick();
    expect(names(told).at(-1)).toMatchInlineSnapshot(`"drift_healed image app"`);
    expect(told.events.at(-1)).toMatchObject({ cause: 'its image had moved, or was gone' });
  });

  test('an image that moved, and whose name goes then, is not healed by that', async () => {
    const told = await settled();
    const { world } = told.loop;
    const image = world.images.get('app:1');
    if (image === undefined) throw new Error('no image');
    world.images.set('app:1', { ...image, id: 'sha256:moved' });
    await told.tick();
    world.images.delete('app:1');
    await told.tick();
    await told.tick();
    expect(names(told)).toEqual(['drift_detected image app', 'drift_detected image app']);
    expect(told.conditions('InSync')).toMatchInlineSnapshot(
      `"InSync=False Drift: app: app:1 is not on the engine any more; app keeps the image that it was made of, sha256:app1: build or pull app:1 again"`,
    );
    world.images.set('app:1', image);
    await told.tick();
    expect(names(told).at(-1)).toBe('drift_healed image app');
  });

  test('an image that is gone altogether is not healed, and a service that leaves is not, either', async () => {
    const told = await settled();
    const { world } = told.loop;
    const image = world.images.get('app:1');
    if (image === undefined) throw new Error('no image');
    world.images.set('app:1', { ...image, id: 'sha256:moved' });
    await told.tick();
    for (const { id, role } of world.containers) if (role === 'service') world.remove(id);
    world.images.delete('app:1');
    world.registry.delete('app:1');
    world.builds.clear();
    await told.tick();
    await told.tick();
    expect(told.conditions('InSync')).toContain('InSync=False');
    told.loop.stack = stack([]);
    await told.settle();
    expect(told.conditions('InSync')).toContain('InSync=True');
    expect(names(told).filter((name) => name.startsWith('drift_healed image'))).toEqual([]);
  });

  test('an image that moved under both versions of a service is one drift', async () => {
    const told = await settled();
    told.loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
    await told.settle();
    const image = told.loop.world.images.get('app:1');
    if (image === undefined) throw new Error('no image');
    told.loop.world.images.set('app:1', { ...image, id: 'sha256:moved' });
    await told.tick();
    expect(names(told).filter((name) => name.startsWith('drift'))).toEqual(['drift_detected image app']);
  });
});

describe('the story of versions', () => {
  test('from first deploy to canary, promotion, rollback and replacement', async () => {
    const told = report();
    await told.settle();
    const manifests = [
      version('2.0.0', { mode: 'canary' }),
      version('2.0.0'),
      version('3.0.0', { mode: 'canary' }),
      version('2.0.0'),
      version('4.0.0'),
      version('4.0.0', { replicas: 2 }),
    ];
    for (const next of manifests) {
      told.loop.stack = stack([next]);
      await told.settle();
    }
    expect(
      told.events.map(({ event, version: text, from, target_mode, mode, cause }) =>
        JSON.stringify({ event, version: text, from, target_mode, mode, cause }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "{"event":"deploy","version":"1.0.0","mode":"stable","cause":"first deploy of app 1.0.0"}",
        "{"event":"promote","version":"2.0.0","target_mode":"canary"}",
        "{"event":"promote","version":"2.0.0","target_mode":"stable"}",
        "{"event":"promote","version":"3.0.0","target_mode":"canary"}",
        "{"event":"rollback","version":"2.0.0","from":"3.0.0","target_mode":"stable"}",
        "{"event":"deploy","version":"4.0.0","from":"2.0.0","mode":"stable","cause":"version changed from 2.0.0 to 4.0.0"}",
      ]
    `);
  });

  test('a first deploy as canary', async () => {
    const told = report(service({ mode: 'canary' }));
    await told.settle();
    expect(told.events).toMatchObject([{ event: 'deploy', mode: 'canary' }]);
  });

  test('values of the environment are in no status and no event', async () => {
    const told = report(service({ container: { env: { TOKEN: 'hunter2' } } }));
    await told.settle();
    told.loop.world.remove(told.loop.world.containers.find(({ role }) => role === 'service')?.id ?? '');
    await told.settle();
    expect(JSON.stringify([told.statuses, told.events])).not.toContain('hunter2');
  });
});
