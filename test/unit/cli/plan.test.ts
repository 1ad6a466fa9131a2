import { describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { envDigest } from '../../../src/cli/plan/env-digest.js';
import { planDocument, type PlanDocument, type PlanFacts } from '../../../src/cli/plan/plan-document.js';
import { planNotes } from '../../../src/cli/plan/plan-notes.js';
import { planPage } from '../../../src/cli/plan/plan-page.js';
import { serviceChanges, stackChanges } from '../../../src/cli/plan/spec-diff.js';
import { plain } from '../../../src/cli/basics/talk.js';
import { ForeignClaim } from '../../../src/reconcilers/docker/engine-errors.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import type { Decision } from '../../../src/reconcilers/policy/gate.js';
import { foreseen, type Foreseeing } from '../../support/model/foreseen.js';
import { ModelLoop, POLICY } from '../../support/model/model-loop.js';
import { HEALTH, service, stack, version } from '../../support/model/stacks.js';

async function documentOf(
  loop: ModelLoop,
  over: Foreseeing & Partial<PlanFacts> = {},
): Promise<PlanDocument> {
  const { world } = loop.input();
  const { suspends = [], ...lifted } = over;
  return planDocument({
    stack: loop.stack,
    manifest: { path: 'manifest.yaml' },
    state: { generation: 1, stackGeneration: 1, memory: loop.memory, drifts: [], denials: {} },
    world,
    digest: envDigest('key'),
    foresight: await foreseen(loop, over),
    ...(suspends.length === 0 ? {} : { suspended: { suspends, without: await foreseen(loop, lifted) } }),
    revision: POLICY.revision,
    asked: over.ask !== undefined,
    controller: false,
    isRemoved: false,
    notes: [],
    ...over,
  });
}

function settled(...services: Parameters<typeof stack>): ModelLoop {
  const loop = new ModelLoop(stack(...services));
  loop.settle();
  return loop;
}

function answered(allow: boolean) {
  return (step: Step): Decision => {
    const reasons = allow
      ? []
      : [{ code: 'disk_free', message: 'disk_free_gb is 4.2, minimum required is 10' }];
    const question = step.gate?.question ?? '';
    return {
      allow,
      answers: [{ domain: 'infrastructure', question, allow, reasons, durationMs: 1 }],
      silent: false,
    };
  };
}

test('drift whose healing takes several steps is told once', async () => {
  const loop = settled([service()]);
  const replica = loop.world.containers.find(({ role }) => role === 'service');
  if (replica === undefined) throw new Error('no replica');
  const { config } = replica;
  loop.world.change(replica.id, { config: { ...config, env: { ...config.env, APP_VERSION: '99' } } });
  loop.world.passes(10);
  const cause = 'environment variable APP_VERSION is not as applied';
  expect((await documentOf(loop)).drift).toEqual([{ kind: 'changed', target: replica.name, cause }]);
});

describe('the page', () => {
  test('of a first deploy: nobody can be asked yet', async () => {
    const plan = await documentOf(new ModelLoop(stack([version('1.0.0')])));
    expect(planPage(plan, plain)).toMatchInlineSnapshot(`
      "shop: 15 steps; nothing was done.

      app new
        + mode: stable
        + version: 1.0.0
        + image: app:1
        + port: 3000
        + replicas: 1
        + route.path: /

      at once
        · createNetwork shop-policy: the stack needs its network
        · pullImage opa:1: it is not on the engine
        · createContainer shop-policy-dddddddd: every step is asked first
        · loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        ·   startContainer shop-policy-dddddddd: every step is asked first
      when the policy engine answers
        ? pullImage nginx:1: it is not on the engine (deploy)
        ? pullImage app:1: it is not on the engine (deploy)
        ? createNetwork shop-net: the stack needs its network (deploy)
        ? createContainer shop-proxy: it is the only published port (deploy)
        ? createContainer shop-app-stable-f9122c6e-1: first deploy of app 1.0.0 (deploy)
        ? configureProxy shop-proxy: its configuration goes in before it starts (deploy)
        ?   startContainer shop-proxy: it is the only published port (deploy)
        ? startContainer shop-app-stable-f9122c6e-1: first deploy of app 1.0.0 (deploy)
        · stageProxy shop-proxy: the next routes are tested while their replicas start
      when app 1.0.0 answers its health check
        ? shiftTraffic app: nobody → stable 100 % (1) (deploy)

        ? asked when the policy engine is up   · needs no permission

      Then the stack is as the manifest says, if all that starts gets healthy; a version that does not is taken back."
    `);
  });

  test('of another version: side by side, then the old one drains and goes', async () => {
    const loop = settled([version('1.0.0')]);
    loop.stack = stack([version('2.0.0')]);
    expect(planPage(await documentOf(loop, { ask: answered(true) }), plain)).toMatchInlineSnapshot(`
      "shop: 8 steps; nothing was done.

      app changed
        ~ version: 1.0.0 → 2.0.0

      at once
        ✔ createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
        · stageProxy shop-proxy: the next routes are tested while their replicas start
        ✔ startContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
      when app 2.0.0 answers its health check
        ✔ shiftTraffic app: stable 100 % (1) → stable 100 % (2) (replace)
        · stageProxy shop-proxy: the next routes are tested while their replicas start
      when nginx has resolved the new servers of app
        ✔ shiftTraffic app: stable 100 % (2) → stable 100 % (1) (replace)
      when requests to shop-app-stable-f9122c6e-1 are done
        ✔ stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)
        ✔   removeContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)

        ✔ allowed now   · needs no permission

      policy
        DOMAIN          QUESTION  ANSWER NOW
        infrastructure  replace   ✔ allows
        infrastructure  remove    ✔ allows

      Then the stack is as the manifest says, if all that starts gets healthy; a version that does not is taken back."
    `);
  });

  test('of drift, while a controller runs', async () => {
    const loop = settled([version('1.0.0')]);
    const app = loop.world.containers.find(({ role }) => role === 'service');
    loop.world.end(app?.id ?? '', 137);
    expect(planPage(await documentOf(loop, { controller: true }), plain)).toMatchInlineSnapshot(`
      "shop: 1 step; its controller does this by itself.

      at once
        ? startContainer shop-app-stable-f9122c6e-1: it is stopped (exit code 137) (heal) [drift: stopped]

        ? asked when the policy engine is up

      drift that it heals
        △ shop-app-stable-f9122c6e-1 (stopped): it is stopped (exit code 137)

      Then the stack is as the manifest says, if all that starts gets healthy; a version that does not is taken back."
    `);
  });

  test('of a stack whose manifest was deleted in git: everything goes, in its order', async () => {
    const loop = settled([version('1.0.0')]);
    loop.isRemoved = true;
    const notes = ['main is at 1234567; it deletes manifest.yaml'];
    expect(planPage(await documentOf(loop, { ask: answered(true), isRemoved: true, notes }), plain))
      .toMatchInlineSnapshot(`
      "shop: 8 steps; nothing was done.

      app not in the manifest any more

      at once
        ✔ stopContainer shop-proxy: the source has no manifest any more (remove)
        ✔   removeContainer shop-proxy: the source has no manifest any more (remove)
        ✔ stopContainer shop-app-stable-f9122c6e-1: the source has no manifest any more (remove)
        ✔   removeContainer shop-app-stable-f9122c6e-1: the source has no manifest any more (remove)
        ✔ removeNetwork shop-net: the source has no manifest any more (remove)
        · stopContainer shop-policy-dddddddd: the source has no manifest any more
        ·   removeContainer shop-policy-dddddddd: the source has no manifest any more
        · removeNetwork shop-policy: the source has no manifest any more

        ✔ allowed now   · needs no permission

      policy
        DOMAIN          QUESTION  ANSWER NOW
        infrastructure  remove    ✔ allows

      Then nothing of the stack is left but its volumes.
      ! main is at 1234567; it deletes manifest.yaml"
    `);
  });

  test('of a denial: it ends there', async () => {
    const loop = settled([version('1.0.0')]);
    loop.stack = stack([version('2.0.0')]);
    expect(planPage(await documentOf(loop, { ask: answered(false) }), plain)).toMatchInlineSnapshot(`
      "shop: 1 step; nothing was done.

      app changed
        ~ version: 1.0.0 → 2.0.0

      at once
        ⊘ createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
            infrastructure: disk_free_gb is 4.2, minimum required is 10

        ⊘ denied now

      policy
        DOMAIN          QUESTION  ANSWER NOW
        infrastructure  replace   ✘ denies: disk_free_gb is 4.2, minimum required is 10

      It ends there: what is denied is asked again, and goes on when the policy allows it."
    `);
  });

  test("of somebody else's container in the way: it ends there", async () => {
    const refuse = ({ kind, target }: Step) => {
      if (kind === 'createContainer' && target === 'shop-proxy')
        throw new ForeignClaim('container', target, `a container named ${target} exists`);
    };
    const page = planPage(await documentOf(new ModelLoop(stack([version('1.0.0')])), { refuse }), plain);
    expect(page).toContain('✘ createContainer shop-proxy');
    expect(page).toContain('in the way, and no step can mend it\n  ! a container named shop-proxy exists');
    expect(page).toContain('It ends there, until what is in the way is gone.');
  });

  test('of nothing', async () => {
    const plan = await documentOf(settled([version('1.0.0')]));
    expect(planPage(plan, plain)).toBe('shop: No changes.');
    expect(plan.changes).toBe(false);
  });

  test('of a change that needs no step', async () => {
    const loop = settled([version('1.0.0')]);
    loop.stack = stack([version('1.0.0', { health: { ...HEALTH, intervalMs: 2000 } })]);
    const plan = await documentOf(loop);
    expect(plan).toMatchObject({ changes: true, stages: [] });
    expect(planPage(plan, plain)).toBe(
      'shop: what changed needs no step.\n\napp changed\n  ~ health.interval: 1 s → 2 s',
    );
  });
});

test('what stopped and is noted nowhere is not said to run', async () => {
  const loop = settled([version('1.0.0')]);
  for (const { id, role } of loop.world.containers) if (role === 'service') loop.world.end(id, 137);
  const state = { generation: 1, stackGeneration: 1, memory: EMPTY_MEMORY, drifts: [], denials: {} };
  const page = planPage(await documentOf(loop, { state }), plain);
  expect(page).toContain('app it has containers, and what they were made of is noted nowhere');
});

describe('while something is suspended', () => {
  const since = '2026-05-05T20:00:00.000Z';
  const APP = { by: 'person', who: 'ana@host', why: 'by hand', since, service: 'app' } as const;
  const WHOLE = { by: 'manifest', since } as const;
  const WEB = service({ name: 'web', route: { path: '/web' } });

  function stopped(loop: ModelLoop, ...names: readonly string[]): ModelLoop {
    for (const { id, service: name } of loop.world.containers)
      if (names.includes(name ?? '')) loop.world.end(id, 137);
    return loop;
  }

  function targets(stages: PlanDocument['stages'] = []): readonly string[] {
    return stages.flatMap(({ chains }) => chains.flat().map(({ kind, target }) => `${kind} ${target}`));
  }

  test('a service: the steps of the others, and its own as held back', async () => {
    const loop = stopped(settled([version('1.0.0'), WEB]), 'web');
    loop.stack = stack([version('2.0.0'), WEB]);
    const plan = await documentOf(loop, { suspends: [APP], ask: answered(true) });
    expect(planPage(plan, plain)).toMatchInlineSnapshot(`
      "shop: 1 step; nothing was done; held back: 8 steps.

      app changed
        ~ version: 1.0.0 → 2.0.0

      at once
        ✔ startContainer shop-web-stable-f9122c6e-1: it is stopped (exit code 137) (heal) [drift: stopped]

      held back while app is suspended:
        at once
          ✔ createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
          · stageProxy shop-proxy: the next routes are tested while their replicas start
          ✔ startContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
        when app 2.0.0 answers its health check, and web 1.0.0 answers its health check
          ✔ shiftTraffic app: stable 100 % (1) → stable 100 % (2) (replace)
          · stageProxy shop-proxy: the next routes are tested while their replicas start
        when nginx has resolved the new servers of app
          ✔ shiftTraffic app: stable 100 % (2) → stable 100 % (1) (replace)
        when requests to shop-app-stable-f9122c6e-1 are done
          ✔ stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)
          ✔   removeContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)

        ✔ allowed now   · needs no permission

      policy
        DOMAIN          QUESTION  ANSWER NOW
        infrastructure  heal      ✔ allows
        infrastructure  replace   ✔ allows
        infrastructure  remove    ✔ allows

      drift that it heals
        △ shop-web-stable-f9122c6e-1 (stopped): it is stopped (exit code 137)

      What is held back stays as it is until it is suspended no more."
    `);
    expect(plan).toMatchObject({ changes: true, end: 'held', held: { services: ['app'] } });
  });

  test('a service, and nothing else is due: no changes', async () => {
    const loop = stopped(settled([version('1.0.0'), WEB]), 'app');
    const plan = await documentOf(loop, { suspends: [APP] });
    expect(planPage(plan, plain)).toMatchInlineSnapshot(`
      "shop: No changes; held back: 1 step.

      held back while app is suspended:
        at once
          ? startContainer shop-app-stable-f9122c6e-1: it is stopped (exit code 137) (heal) [drift: stopped]

        ? asked when the policy engine is up

      What is held back stays as it is until it is suspended no more."
    `);
    expect(plan).toMatchObject({ changes: false, end: 'held', stages: [], drift: [] });
  });

  test('a service of which nothing is due', async () => {
    const plan = await documentOf(settled([version('1.0.0'), WEB]), { suspends: [APP] });
    expect(planPage(plan, plain)).toMatchInlineSnapshot(`
      "shop: No changes.

      held back while app is suspended: nothing"
    `);
    expect(plan).toMatchObject({ changes: false, end: 'converged', held: { stages: [] } });
  });

  test('a service whose denied neighbour ends the plan', async () => {
    const loop = stopped(settled([version('1.0.0'), WEB]), 'web', 'app');
    const plan = await documentOf(loop, { suspends: [APP], ask: answered(false) });
    expect(plan.end).toBe('denied');
    expect(targets(plan.stages)).toEqual([expect.stringMatching(/^startContainer shop-web-/)]);
    expect(targets(plan.held?.stages)).toEqual([expect.stringMatching(/^startContainer shop-app-/)]);
  });

  test('a service while another leaves: that one is gone before nothing is left', async () => {
    const loop = settled([version('1.0.0'), WEB]);
    loop.stack = stack([version('2.0.0')]);
    const plan = await documentOf(loop, { suspends: [APP] });
    expect(targets(plan.stages)).toContainEqual(expect.stringMatching(/^removeContainer shop-web-/));
    expect(targets(plan.stages).join()).not.toContain('shop-app-');
  });

  test.each<[string, Parameters<typeof stack>[0], boolean]>([
    ['an edit', [version('2.0.0')], false],
    ['an edit that needs no step', [version('1.0.0', { health: { ...HEALTH, intervalMs: 2000 } })], false],
    ['a removal', [version('1.0.0')], true],
  ])('the stack, whatever is due: all of it is held back (%s)', async (_, services, isRemoved) => {
    const loop = settled([version('1.0.0')]);
    loop.stack = stack(services);
    loop.isRemoved = isRemoved;
    const free = await documentOf(loop, { isRemoved });
    const plan = await documentOf(loop, { suspends: [WHOLE], isRemoved });
    expect(plan).toMatchObject({ changes: false, stages: [], held: { stages: free.stages } });
    expect(plan.held).not.toHaveProperty('services');
    expect(free.changes).toBe(true);
  });

  test('its words are a note', () => {
    const { stack: wished, memory } = settled([version('1.0.0')]);
    expect(planNotes({ stack: wished, memory, policies: { state: {} }, suspends: [APP] })).toEqual([
      `service app is suspended by ana@host since ${since}: "by hand"; to go on, run "swiftdeploy resume"`,
    ]);
  });
});

describe('nothing goes forward without an answer', () => {
  test('while the policy engine cannot be had', async () => {
    const loop = new ModelLoop(stack([version('1.0.0')]));
    const refuse = ({ kind, target }: Step) => {
      if (kind === 'startContainer' && target.includes('-policy-'))
        throw new ForeignClaim('port', '8181', 'port 8181 is in use');
    };
    const plan = await documentOf(loop, { refuse });
    const steps = plan.stages.flatMap(({ chains }) => chains.flat());
    expect(plan.end).toBe('blocked');
    expect(steps.filter(({ gate, possible }) => gate !== 'none' && possible === 'yes')).toEqual([]);
    expect(steps.flatMap(({ reasons = [] }) => reasons)).toContain(
      'OPA cannot be reached: the policy engine does not run',
    );
    expect(steps.filter(({ kind }) => kind === 'loadPolicies')).toHaveLength(1);
  });
});

describe('a version that fails', () => {
  test('cannot be foreseen; one that failed is noted, and nothing is planned', async () => {
    const loop = settled([version('1.0.0')]);
    loop.stack = stack([version('3.0.0-sick')]);
    expect((await documentOf(loop)).end).toBe('converged');
    loop.rest();
    const plan = await documentOf(loop);
    expect(plan).toMatchObject({ changes: false, stages: [] });
    const facts = { stack: loop.stack, memory: loop.memory, policies: { state: {} }, suspends: [] };
    expect(planNotes(facts)).toEqual([
      expect.stringMatching(/^app 3\.0\.0-sick: it was not healthy within 5 s.*not tried again until/),
    ]);
  });
});

describe('a promotion that bakes', () => {
  test('is planned until the bake begins, and a note tells the rest', async () => {
    const canary = {
      steps: [{ kind: 'share', weight: 50, holdMs: 0 }],
      sticky: 'cookie',
      replicas: 1,
      warmupMs: 0,
      deadlineMs: 60_000,
      bakeMs: 60_000,
    } as const;
    const loop = settled([version('1.0.0')]);
    loop.stack = stack([version('2.0.0', { mode: 'canary', canary })]);
    loop.settle();
    loop.stack = stack([version('2.0.0', { canary })]);
    const notes = () =>
      planNotes({ stack: loop.stack, memory: loop.memory, policies: { state: {} }, suspends: [] });
    const { stages, end } = await documentOf(loop);
    const steps = stages.flatMap(({ chains }) => chains.flat().map(({ kind }) => kind));
    expect([...steps, end]).toEqual(['stageProxy', 'shiftTraffic', 'converged']);
    expect(notes()).toEqual([expect.stringMatching(/^app 2\.0\.0 bakes for 60 s after this/)]);
    loop.settle();
    expect(notes()).toEqual([expect.stringMatching(/^app: 2\.0\.0 serves everybody and bakes until /)]);
  });
});

describe('a version that fails right now', () => {
  test('is recorded, and stopped for its logs', async () => {
    const loop = settled([version('1.0.0')]);
    loop.stack = stack([version('3.0.0-sick')]);
    const isDue = () =>
      loop
        .plan()
        .chains.flat()
        .some(({ kind }) => kind === 'recordFailure');
    for (let tick = 0; tick < 100 && !isDue(); tick += 1) loop.tick();
    const { stages, end } = await documentOf(loop);
    const steps = stages.flatMap(({ chains }) => chains.flat().map(({ kind }) => kind));
    expect([...steps, end]).toEqual(['recordFailure', 'stopContainer', 'converged']);
  });
});

describe('the diff', () => {
  const KEYED = expect.stringMatching(/^hmac:[0-9a-f]{8}$/) as string;

  test('a value cannot be guessed from its digest, which is another under every key', () => {
    const [mine, others] = [envDigest('mine')('hunter2'), envDigest('others')('hunter2')];
    expect(mine).toBe(envDigest('mine')('hunter2'));
    expect(mine).not.toBe(others);
    expect(envDigest()('hunter2')).not.toBe(envDigest()('hunter2'));
    const bare = createHash('sha256').update('hunter2').digest('hex').slice(0, 8);
    expect(mine).not.toContain(bare);
  });

  const known = (services: Parameters<typeof stack>[0]) => {
    const loop = settled(services);
    const digest = envDigest('key');
    return { state: { memory: loop.memory, stack: loop.stack }, world: loop.input().world, digest };
  };

  test('environment by digest, what is gone, what is new', () => {
    const before = known([service({ container: { env: { KEY: 'hunter2', OLD: 'x' } } })]);
    const after = stack([
      service({
        replicas: 2,
        container: {
          env: { KEY: 'hunter3' },
          mounts: [{ type: 'volume', source: 'logs', target: '/logs', readOnly: true }],
        },
      }),
    ]);
    const [app] = serviceChanges(after, before);
    expect(app?.fields).toEqual([
      { field: 'replicas', from: '1', to: '2' },
      { field: 'env.KEY', from: KEYED, to: KEYED },
      { field: 'volumes./logs', to: 'logs (read-only)' },
      { field: 'env.OLD', from: KEYED },
    ]);
    expect(JSON.stringify(app)).not.toContain('hunter');
  });

  test('of what runs without notes, and of what the manifest dropped', () => {
    const { world, digest } = known([version('1.0.0'), service({ name: 'api', route: { path: '/api' } })]);
    const state = { memory: { services: {}, applied: [] } };
    expect(serviceChanges(stack([version('2.0.0')]), { state, world, digest })).toEqual([
      { name: 'app', change: 'unknown', fields: [] },
      { name: 'api', change: 'removed', fields: [] },
    ]);
  });

  test('of the stack itself', () => {
    const { state } = known([version('1.0.0')]);
    const after = {
      ...state.stack,
      contact: 'new@example.com',
      limits: { infrastructure: { min_disk_free_gb: 20 } },
    };
    expect(stackChanges(after, { state })).toEqual([
      { field: 'contact', from: 'ops@example.com', to: 'new@example.com' },
      { field: 'policy.infrastructure.min_disk_free_gb', to: '20' },
    ]);
  });
});
