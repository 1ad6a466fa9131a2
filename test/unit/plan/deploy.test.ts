import { describe, expect, test } from 'vitest';
import { story } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';
import { REST, stackOf } from '../desired/manifest-text.js';

const settled = (...services: Parameters<typeof stack>[0]) => {
  const loop = new ModelLoop(stack(services));
  loop.settle();
  return loop;
};

describe('a deploy, tick by tick', () => {
  test('the first one, from nothing', () => {
    const loop = new ModelLoop(stack([service()]));
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createNetwork shop-policy: the stack needs its network
      - pullImage opa:1: it is not on the engine
      2
      - createContainer shop-policy-dddddddd: every step is asked first
      3
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: every step is asked first
      4
      - pullImage nginx:1: it is not on the engine (deploy)
      - pullImage app:1: it is not on the engine (deploy)
      - createNetwork shop-net: the stack needs its network (deploy)
      5
      - createContainer shop-proxy: it is the only published port (deploy)
      - createContainer shop-app-stable-f9122c6e-1: first deploy of app 1.0.0 (deploy)
      6
      - configureProxy shop-proxy: its configuration goes in before it starts (deploy)
        startContainer shop-proxy: it is the only published port (deploy)
      - startContainer shop-app-stable-f9122c6e-1: first deploy of app 1.0.0 (deploy)
      7
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      8
      - shiftTraffic app: nobody → stable 100 % (1) (deploy)"
    `);
  });

  test('another version starts first, takes traffic warm, and the old one leaves when it drained', () => {
    const loop = settled(service());
    loop.stack = stack([version('2.0.0')]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (2) (replace)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (replace)
      6
      - stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)
        removeContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)"
    `);
  });

  test('scaling up starts what is missing and touches nobody else', () => {
    const loop = settled(service());
    loop.stack = stack([service({ replicas: 3 })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-f9122c6e-2: app should have 3 replicas (replace)
      - createContainer shop-app-stable-f9122c6e-3: app should have 3 replicas (replace)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-f9122c6e-2: app should have 3 replicas (replace)
      - startContainer shop-app-stable-f9122c6e-3: app should have 3 replicas (replace)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (3) (replace)"
    `);
  });

  test('scaling down takes the highest replicas away', () => {
    const loop = settled(service({ replicas: 3 }));
    loop.stack = stack([service({ replicas: 1 })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      2
      - shiftTraffic app: stable 100 % (3) → stable 100 % (1) (replace)
      3
      - stopContainer shop-app-stable-f9122c6e-2: 1 replica is wanted (remove)
        removeContainer shop-app-stable-f9122c6e-2: 1 replica is wanted (remove)
      - stopContainer shop-app-stable-f9122c6e-3: 1 replica is wanted (remove)
        removeContainer shop-app-stable-f9122c6e-3: 1 replica is wanted (remove)"
    `);
  });

  test('a volume stands before what mounts it', () => {
    const mounts = [{ type: 'volume', source: 'logs', target: '/logs', readOnly: false }] as const;
    const loop = settled(service());
    loop.stack = stack([service({ container: { mounts } })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createVolume logs: a service mounts it (deploy)
      2
      - createContainer shop-app-stable-c6cea616-1: the spec of app changed (replace)
      3
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-c6cea616-1: the spec of app changed (replace)
      4
      - shiftTraffic app: stable 100 % (1) → stable 100 % (2) (replace)
      5
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      6
      - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (replace)
      7
      - stopContainer shop-app-stable-f9122c6e-1: superseded by stable 1.0.0 (remove)
        removeContainer shop-app-stable-f9122c6e-1: superseded by stable 1.0.0 (remove)"
    `);
  });

  test('a service without a health check is ready when it has run for 5 s, and made again for 1 s', () => {
    const loop = settled(service());
    loop.stack = stack([service(), service({ name: 'worker', noHealth: true, noRoute: true })]);
    const ticks = loop.settle();
    expect(story(ticks)).toMatchInlineSnapshot(`
      "1
      - createContainer shop-worker-stable-f9122c6e-1: first deploy of worker 1.0.0 (deploy)
      2
      - startContainer shop-worker-stable-f9122c6e-1: first deploy of worker 1.0.0 (deploy)"
    `);
    const name = 'shop-worker-stable-f9122c6e-1';
    const upMs = () => loop.world.now - (loop.world.find(name)?.startedAt ?? 0);
    expect(upMs()).toBeGreaterThanOrEqual(5000);
    loop.world.remove(loop.world.find(name)?.id ?? '');
    loop.settle();
    expect(upMs()).toBeGreaterThanOrEqual(1000);
    expect(upMs()).toBeLessThan(2000);
  });

  test('a worker that ends some seconds after each start does not replace the good one', () => {
    const worker = (of: string) =>
      stack([service({ name: 'worker', noHealth: true, noRoute: true, container: { version: of } })]);
    const loop = new ModelLoop(worker('1.0.0'));
    loop.settle();
    loop.stack = worker('2.0.0-flaky');
    for (let tick = 0; tick < 1000 && loop.memory.services.worker?.failed === undefined; tick += 1)
      loop.tick();
    expect(loop.memory.services.worker?.failed?.reason).toBe('CrashLooping');
    expect(loop.memory.services.worker?.stable?.container.version).toBe('1.0.0');
    expect(loop.world.containers.find(({ version: of }) => of === '1.0.0')?.state).toBe('running');
  });

  test('a service added with its route', () => {
    const loop = settled(service());
    loop.stack = stack([service(), service({ name: 'api', route: { path: '/api' } })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what the proxy should do changed (deploy)
      - createContainer shop-api-stable-f9122c6e-1: first deploy of api 1.0.0 (deploy)
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-api-stable-f9122c6e-1: first deploy of api 1.0.0 (deploy)
      3
      - shiftTraffic api: nobody → stable 100 % (1) (deploy)"
    `);
  });

  test('a service taken out of the manifest', () => {
    const loop = settled(service(), service({ name: 'api', route: { path: '/api' } }));
    loop.stack = stack([service()]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what the proxy should do changed (remove)
      2
      - stopContainer shop-api-stable-f9122c6e-1: api is not in the manifest any more (remove)
        removeContainer shop-api-stable-f9122c6e-1: api is not in the manifest any more (remove)"
    `);
  });

  test('a route that changes host and path keeps its servers', () => {
    const loop = settled(service());
    loop.stack = stack([service({ route: { host: 'shop.example', path: '/shop' } })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what the proxy should do changed (replace)"
    `);
    expect(loop.world.observe(loop.stack).proxy.model?.routes).toMatchObject([
      { service: 'app', host: 'shop.example', path: '/shop', tracks: [{ weight: 100 }] },
    ]);
  });

  test('a service that ran without a route gets one: a change, not a return', () => {
    const loop = settled(service(), service({ name: 'admin', noRoute: true }));
    loop.stack = stack([service(), service({ name: 'admin', route: { path: '/admin' } })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what the proxy should do changed (replace)
      2
      - shiftTraffic admin: nobody → stable 100 % (1) (replace)"
    `);
  });

  test('a longer drain is a change', () => {
    const loop = settled(service());
    loop.stack = stack([service({ drainMs: 90_000 })]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what the proxy should do changed (replace)"
    `);
  });

  test('a worker that is superseded has its own drain to end in, who answers requests the rest of his', () => {
    const apps = (of: string) => [
      version(of),
      service({ name: 'worker', noHealth: true, noRoute: true, container: { version: of } }),
    ];
    const loop = settled(...apps('1.0.0'));
    loop.stack = stack(apps('2.0.0'));
    const stops = loop
      .settle()
      .flatMap(({ plan }) => plan.chains.flat())
      .filter(({ kind }) => kind === 'stopContainer');
    const graces = stops.map(({ target, ...step }) => [
      target.split('-')[1],
      'graceMs' in step ? step.graceMs : 'its own',
    ]);
    expect(Object.fromEntries(graces)).toEqual({ app: 10_000, worker: 'its own' });
  });

  test('what only the proxy does changes nothing else', () => {
    const loop = settled(service());
    loop.stack = stack([service()], { contact: 'help@example.com' });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what the proxy should do changed (replace)"
    `);
  });

  test('another published port replaces the proxy', () => {
    const loop = settled(service());
    loop.stack = stack([service()], { proxy: { ...loop.stack.proxy, port: 9090 } });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - removeContainer shop-proxy: its published ports are not as applied (replace)
        createContainer shop-proxy: its published ports are not as applied (replace)
      2
      - configureProxy shop-proxy: its configuration goes in before it starts (heal)
        startContainer shop-proxy: it is the only published port (heal)"
    `);
  });

  test('another published port, which somebody has, leaves the proxy where it is', () => {
    const loop = settled(service());
    const proxy = loop.world.runningProxy();
    if (proxy === undefined) throw new Error('it has no proxy');
    const publish = [{ container: 80, host: 9090, hostAddress: '' }];
    const foreign = {
      ...proxy,
      id: 'foreign',
      name: 'foreign',
      config: { ...proxy.config, labels: {}, publish },
    };
    loop.world.containers = [...loop.world.containers, foreign];
    loop.stack = stack([service()], { proxy: { ...loop.stack.proxy, port: 9090 } });
    expect(loop.tick().results).toMatchObject([
      { kind: 'failed', step: { kind: 'removeContainer', needs: [9090] }, error: { what: 'port' } },
    ]);
    expect(loop.world.runningProxy()).toBe(proxy);
  });

  test('the proxy and the policy engine can change ports with each other', () => {
    const loop = settled(service());
    const { proxy, policyEngine } = loop.stack;
    loop.stack = stack([service()], {
      proxy: { ...proxy, port: policyEngine.port },
      policyEngine: { ...policyEngine, port: proxy.port },
    });
    loop.settle();
    expect(loop.world.runningProxy()?.config.publish).toContainEqual(
      expect.objectContaining({ host: policyEngine.port }),
    );
  });

  test('another image of the proxy, at the same port, needs no port', () => {
    const loop = settled(service());
    loop.stack = stack([service()], { proxy: { ...loop.stack.proxy, image: loop.stack.policyEngine.image } });
    const [step] = loop.tick().results.map(({ step }) => step);
    expect(step).toMatchObject({ kind: 'removeContainer' });
    expect(step).not.toHaveProperty('needs');
  });
});

test('the order of services in the manifest says nothing', () => {
  const [app, api] = [
    '  app: { image: app, port: 3000, route: { path: / } }',
    '  api: { image: api, port: 3001 }',
  ];
  const manifest = (...services: string[]) => stackOf(['services:', ...services, REST].join('\n'));
  expect(manifest(app ?? '', api ?? '')).toEqual(manifest(api ?? '', app ?? ''));
});

describe('images', () => {
  test('are pulled where they are missing, and nothing waits for those of others', () => {
    const loop = settled(service());
    loop.stack = stack([service(), service({ name: 'api', noRoute: true, container: { image: 'app:2' } })]);
    expect(story([loop.tick()])).toMatchInlineSnapshot(`
      "1
      - pullImage app:2: it is not on the engine (deploy)"
    `);
  });

  test('that cannot be pulled leave what runs', () => {
    const loop = settled(service());
    loop.stack = stack([version('2.0.0', { container: { image: 'nowhere:1' } })]);
    expect(story([loop.tick()])).toMatchInlineSnapshot(`
      "1
      - pullImage nowhere:1: it is not on the engine (replace)
        failed: pullImage nowhere:1 (no such image: nowhere:1)"
    `);
    expect(loop.world.answering('shop-net').get('app')).toHaveLength(1);
  });

  test('pull: never says what is missing and does nothing', () => {
    const loop = settled(service());
    loop.stack = stack([version('2.0.0', { pull: 'never', container: { image: 'nowhere:1' } })]);
    const { chains, findings } = loop.plan();
    expect(chains).toEqual([]);
    expect(findings).toMatchInlineSnapshot(`
      [
        {
          "kind": "image",
          "message": "image nowhere:1 is not on the engine and pull is never: build or load it",
          "target": "nowhere:1",
        },
      ]
    `);
  });

  test('pull: always asks the registry before each new container', () => {
    const loop = settled(service());
    loop.stack = stack([version('2.0.0', { pull: 'always' })]);
    expect(story([loop.tick()])).toMatchInlineSnapshot(`
      "1
      - pullImage app:1: pull is always (replace)
        createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)"
    `);
  });

  test('that moved are told, and the container stays', () => {
    const loop = settled(service());
    move(loop);
    const { chains, findings } = loop.plan();
    expect(chains).toEqual([]);
    expect(findings).toMatchInlineSnapshot(`
      [
        {
          "kind": "image-moved",
          "message": "app:1 is another image now; app keeps the one it was made of (pull: always would replace it)",
          "target": "app",
        },
      ]
    `);
  });

  test('that moved replace the container where pull is always', () => {
    const loop = settled(service({ pull: 'always' }));
    move(loop);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - renameContainer shop-app-stable-f9122c6e-1: app:1 is another image now and pull is always (replace) [drift: changed]
        pullImage app:1: pull is always (replace) [drift: changed]
        createContainer shop-app-stable-f9122c6e-1: app:1 is another image now and pull is always (replace) [drift: changed]
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-f9122c6e-1: it was made again (replace)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (2) (heal)
      4
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      5
      - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (heal)
      6
      - stopContainer shop-app-stable-f9122c6e-1-old-46f39b: its replacement serves (remove)
        removeContainer shop-app-stable-f9122c6e-1-old-46f39b: its replacement serves (remove)"
    `);
  });

  test('that want root get another user, and nginx too old says what it costs', () => {
    const loop = new ModelLoop(
      stack([service({ container: { image: 'root:1' } })], {
        proxy: { image: 'nginx:old', pull: 'missing', port: 8080, timeoutSeconds: 30, aliases: [] },
      }),
    );
    loop.settle();
    const app = loop.world.containers.find(({ service: name }) => name === 'app');
    expect(app?.config.user).toBe('10001:10001');
    expect(loop.plan().findings).toMatchInlineSnapshot(`
      [
        {
          "kind": "proxy",
          "message": "nginx 1.24.0 has no keepalive_min_timeout (1.27.4): idle keep-alive connections are cut at each configuration change",
          "target": "nginx:old",
        },
      ]
    `);
  });
});

/** `app:1` is another image from now on. */
function move({ world }: ModelLoop): void {
  const image = world.images.get('app:1');
  if (image === undefined) throw new Error('app:1 is not there');
  world.registry.set('app:1', { ...image, id: 'sha256:moved' });
  world.images.set('app:1', { ...image, id: 'sha256:moved' });
}

describe('what is not ours', () => {
  test('a foreign network with the name that is needed', () => {
    const loop = new ModelLoop(stack([service()]));
    loop.world.networks = [{ id: 'theirs', name: 'shop-net', driver: 'bridge', mine: false }];
    expect(() => loop.settle(5000)).toThrow('not settled');
    expect(loop.plan().findings).toMatchInlineSnapshot(`
      [
        {
          "kind": "foreign",
          "message": "a network named shop-net exists and is not this stack's; remove it (docker network rm shop-net) or name another in the manifest",
          "target": "shop-net",
        },
      ]
    `);
    expect(loop.world.containers.map(({ name }) => name)).toEqual(['shop-policy-dddddddd']);
  });

  test('a network of another driver', () => {
    const loop = settled(service());
    loop.stack = stack([service()], { network: { name: 'shop-net', driver: 'macvlan' } });
    const { chains, findings } = loop.plan();
    expect(chains).toEqual([]);
    expect(findings).toMatchInlineSnapshot(`
      [
        {
          "kind": "driver",
          "message": "network shop-net is of driver bridge, the manifest says macvlan; a network cannot change its driver: tear the stack down first",
          "target": "shop-net",
        },
      ]
    `);
  });
});

describe('policies', () => {
  test('the same set under another token is not told as another set', () => {
    const loop = settled(service());
    loop.policy = { ...loop.policy, digest: 'b'.repeat(64) };
    const causes = loop
      .settle()
      .flatMap(({ plan }) => plan.chains.flat())
      .map(({ cause }) => cause);
    expect(causes.join('\n')).not.toMatch(/policies changed|another policy set/);
    expect(causes).toContain('it has another token, or is of another version of swiftdeploy');
  });

  test('another set starts beside the one that decides, takes over, then has its place; what is new waits for it', () => {
    const loop = settled(service());
    loop.policy = { ...loop.policy, revision: 'a'.repeat(64), digest: 'b'.repeat(64) };
    loop.stack = stack([version('2.0.0')]);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-policy-bbbbbbbb-next: policies changed: it decides until shop-policy-bbbbbbbb has the port
      2
      - loadPolicies shop-policy-bbbbbbbb-next: policy revision aaaaaaaaaaaa
        startContainer shop-policy-bbbbbbbb-next: policies changed: it decides until shop-policy-bbbbbbbb has the port
      3
      - createContainer shop-policy-bbbbbbbb: policies changed
      - createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
      4
      - removeContainer shop-policy-dddddddd: it decides by another policy set
        loadPolicies shop-policy-bbbbbbbb: policy revision aaaaaaaaaaaa
        startContainer shop-policy-bbbbbbbb: policies changed
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)
      5
      - removeContainer shop-policy-bbbbbbbb-next: it was needed until shop-policy-bbbbbbbb answers
      6
      - shiftTraffic app: stable 100 % (1) → stable 100 % (2) (replace)
      7
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      8
      - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (replace)
      9
      - stopContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)
        removeContainer shop-app-stable-f9122c6e-1: superseded by stable 2.0.0 (remove)"
    `);
  });

  test('while the one that decided is silent there is nothing to wait for', () => {
    const loop = settled(service());
    const engine = loop.world.containers.find(({ role }) => role === 'policy');
    loop.world.hang(engine?.id ?? '');
    loop.world.passes(2000);
    loop.policy = { ...loop.policy, revision: 'a'.repeat(64), digest: 'b'.repeat(64) };
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - removeContainer shop-policy-dddddddd: it decides by another policy set
        createContainer shop-policy-bbbbbbbb: policies changed
      2
      - loadPolicies shop-policy-bbbbbbbb: policy revision aaaaaaaaaaaa
        startContainer shop-policy-bbbbbbbb: every step is asked first"
    `);
  });

  test('another port needs no engine in between', () => {
    const loop = settled(service());
    loop.stack = stack([service()], { policyEngine: { ...loop.stack.policyEngine, port: 8282 } });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - renameContainer shop-policy-dddddddd: shop-policy-dddddddd is the name of another place
        createContainer shop-policy-dddddddd: its published ports are not as applied
      2
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: its published ports are not as applied
      3
      - removeContainer shop-policy-dddddddd-old-b6fc4b: it is a second policy engine: its published ports are not as applied"
    `);
  });

  test('an edit that is taken back while it takes over', () => {
    const loop = settled(service());
    const before = loop.policy;
    loop.policy = { ...before, revision: 'a'.repeat(64), digest: 'b'.repeat(64) };
    for (let tick = 0; tick < 8; tick += 1) loop.tick();
    loop.policy = before;
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-policy-dddddddd-next: policies changed: it decides until shop-policy-dddddddd has the port
      2
      - loadPolicies shop-policy-dddddddd-next: policy revision ffffffffffff
        startContainer shop-policy-dddddddd-next: policies changed: it decides until shop-policy-dddddddd has the port
      3
      - createContainer shop-policy-dddddddd: policies changed
      4
      - removeContainer shop-policy-bbbbbbbb: it decides by another policy set
        loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: policies changed
      5
      - removeContainer shop-policy-bbbbbbbb-next: it decides by another policy set
        removeContainer shop-policy-dddddddd-next: it was needed until shop-policy-dddddddd answers"
    `);
  });

  test('an engine that somebody changed is drift, and decides until another one does', () => {
    const loop = settled(service());
    const engine = loop.world.containers.find(({ role }) => role === 'policy');
    if (engine === undefined) throw new Error('no policy engine');
    loop.world.change(engine.id, { config: { ...engine.config, env: { EDITED: 'yes' } } });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-policy-dddddddd-next: environment variable EDITED is not as applied: it decides until shop-policy-dddddddd has the port
      2
      - loadPolicies shop-policy-dddddddd-next: policy revision ffffffffffff
        startContainer shop-policy-dddddddd-next: environment variable EDITED is not as applied: it decides until shop-policy-dddddddd has the port
      3
      - renameContainer shop-policy-dddddddd: shop-policy-dddddddd is the name of another place
        createContainer shop-policy-dddddddd: environment variable EDITED is not as applied
      4
      - removeContainer shop-policy-dddddddd-old-b6fc4b: it is a second policy engine: environment variable EDITED is not as applied [drift: changed]
        loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: environment variable EDITED is not as applied
      5
      - removeContainer shop-policy-dddddddd-next: it was needed until shop-policy-dddddddd answers"
    `);
  });

  test('a policy engine that is gone comes first; nothing goes forward until it answers', () => {
    const loop = settled(service());
    remove(loop, 'policy');
    loop.stack = stack([version('2.0.0')]);
    expect(story([loop.tick(), loop.tick(), loop.tick(), loop.tick(), loop.tick()])).toMatchInlineSnapshot(`
      "1
      - createContainer shop-policy-dddddddd: shop-policy-dddddddd is gone [drift: removed]
      2
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: every step is asked first
      3
      - createContainer shop-app-stable-918093b3-1: version changed from 1.0.0 to 2.0.0 (replace)"
    `);
  });

  test('a policy engine that is paused is let go on', () => {
    const loop = settled(service());
    const engine = loop.world.containers.find(({ role }) => role === 'policy');
    loop.world.change(engine?.id ?? '', { state: 'paused' });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - unpauseContainer shop-policy-dddddddd: it is paused [drift: paused]"
    `);
  });

  test('a policy engine that hangs is restarted', () => {
    const loop = settled(service());
    const engine = loop.world.containers.find(({ role }) => role === 'policy');
    loop.world.hang(engine?.id ?? '');
    loop.rest();
    expect(story(loop.ticks.slice(-40))).toMatchInlineSnapshot(`
      "1
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        restartContainer shop-policy-dddddddd: it answers no more: it runs and has said nothing for 5 s [drift: unhealthy]"
    `);
  });

  test('while it starts, the way back is open', () => {
    const loop = settled(service());
    loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
    loop.settle();
    loop.world.passes(1000);
    remove(loop, 'policy');
    loop.stack = stack([service()]);
    expect(story([loop.tick(), loop.tick()])).toMatchInlineSnapshot(`
      "1
      - createContainer shop-policy-dddddddd: shop-policy-dddddddd is gone [drift: removed]
      - shiftTraffic app: stable 0 % (1), canary 100 % (1) → stable 100 % (1), canary 0 % (1) (rollback)
      2
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: every step is asked first"
    `);
  });

  test('while nobody decides, a replica that hangs is let go of', () => {
    const loop = settled(service({ replicas: 2 }));
    const replica = loop.world.containers.find(({ role }) => role === 'service');
    loop.silent = true;
    loop.world.change(replica?.id ?? '', { state: 'paused' });
    expect(story([loop.tick(), loop.tick()])).toMatchInlineSnapshot(`
      "1
      - unpauseContainer shop-app-stable-f9122c6e-1: it is paused (heal) [drift: paused]
      - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (heal)
        denied: unpauseContainer shop-app-stable-f9122c6e-1
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - unpauseContainer shop-app-stable-f9122c6e-1: it is paused (heal) [drift: paused]
        denied: unpauseContainer shop-app-stable-f9122c6e-1"
    `);
  });

  test('while nobody decides, no replica that works is let go of', () => {
    const loop = settled(service({ replicas: 2 }));
    loop.silent = true;
    loop.stack = stack([service({ replicas: 1 })]);
    expect(story([loop.tick(), loop.tick()])).toMatchInlineSnapshot(`
      "1
      - stageProxy shop-proxy: the next routes are tested while their replicas start"
    `);
  });
});

function remove({ world }: ModelLoop, role: string): void {
  for (const container of world.containers) if (container.role === role) world.remove(container.id);
}
