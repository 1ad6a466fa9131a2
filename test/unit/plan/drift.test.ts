import { describe, expect, test } from 'vitest';
import type { ObservedConfig, ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { formatPlan } from '../../../src/reconcilers/plan/format-plan.js';
import { story } from '../../support/model/describe.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const SECRET = 'hunter2';

function settled(change: Parameters<typeof service>[0] = {}): ModelLoop {
  const loop = new ModelLoop(stack([service(change)]));
  loop.settle();
  return loop;
}

function part({ world }: ModelLoop, role: ObservedContainer['role']): ObservedContainer {
  const found = world.containers.find((container) => container.role === role);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
}

/** What is planned after somebody changed the replica. */
function after(change: Partial<ObservedContainer>, of: Parameters<typeof service>[0] = {}): string {
  const loop = settled(of);
  loop.world.change(part(loop, 'service').id, change);
  loop.world.passes(10);
  return formatPlan(loop.plan().chains);
}

describe('the rules of a place, in their order', () => {
  test('nothing is wrong', () => expect(after({})).toBe('nothing to do'));

  test.each([['removing'], ['dead']] as const)('it is %s', (state) => {
    expect(after({ state }).replaceAll(state, '…')).toMatchInlineSnapshot(`
      "- removeContainer shop-app-stable-f9122c6e-1: it is half removed (heal)
        createContainer shop-app-stable-f9122c6e-1: shop-app-stable-f9122c6e-1 is gone (heal) [drift: removed]"
    `);
  });

  test('it is not what was applied: its successor starts first', () => {
    const loop = settled();
    const { id, config } = part(loop, 'service');
    loop.world.change(id, { config: { ...config, env: { ...config.env, APP_VERSION: SECRET } } });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - renameContainer shop-app-stable-f9122c6e-1: environment variable APP_VERSION is not as applied (heal) [drift: changed]
        createContainer shop-app-stable-f9122c6e-1: environment variable APP_VERSION is not as applied (heal) [drift: changed]
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-f9122c6e-1: it was made again (heal)
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

  test('it is called otherwise', () => {
    expect(after({ name: 'somebody' })).toMatchInlineSnapshot(
      `"- renameContainer shop-app-stable-f9122c6e-1: it was renamed to somebody (heal) [drift: renamed]"`,
    );
  });

  test('it is on no network of the stack', () => {
    expect(after({ networks: new Map() })).toMatchInlineSnapshot(
      `"- connectNetwork shop-app-stable-f9122c6e-1: it is not on network shop-net (heal) [drift: disconnected]"`,
    );
  });

  test("it was connected to a network that is not the stack's", () => {
    const others = ['others', { networkId: 'others', aliases: [], address: '' }] as const;
    const loop = settled();
    const { id, networks } = part(loop, 'service');
    loop.world.change(id, { networks: new Map([...networks, others]) });
    expect(formatPlan(loop.plan().chains)).toMatchInlineSnapshot(
      `"- disconnectNetwork shop-app-stable-f9122c6e-1: it was connected to network others (heal) [drift: connected]"`,
    );
    loop.settle();
    expect(part(loop, 'service').networks).toEqual(networks);
    loop.world.change(id, { networks: new Map([...networks, others]), state: 'exited' });
    expect(formatPlan(loop.plan().chains)).not.toContain('others');
  });

  test('its network was made anew while it was stopped, and the engine cannot start it', () => {
    const networks = new Map([['shop-net', { networkId: 'gone', aliases: [], address: '' }]]);
    expect(after({ networks, state: 'exited', exitCode: 137 })).toMatchInlineSnapshot(
      `"- connectNetwork shop-app-stable-f9122c6e-1: network shop-net was made anew (heal) [drift: disconnected]"`,
    );
  });

  test('it is paused', () =>
    expect(after({ state: 'paused' })).toMatchInlineSnapshot(
      `"- unpauseContainer shop-app-stable-f9122c6e-1: it is paused (heal) [drift: paused]"`,
    ));

  test('it was never started', () =>
    expect(after({ state: 'created' })).toMatchInlineSnapshot(
      `"- startContainer shop-app-stable-f9122c6e-1: it was made again (heal)"`,
    ));

  test('it ended', () =>
    expect(after({ state: 'exited', exitCode: 137 })).toMatchInlineSnapshot(
      `"- startContainer shop-app-stable-f9122c6e-1: it is stopped (exit code 137) (heal) [drift: stopped]"`,
    ));

  test('it ended for want of memory', () => {
    expect(after({ state: 'exited', exitCode: 137, oomKilled: true })).toMatchInlineSnapshot(
      `"- startContainer shop-app-stable-f9122c6e-1: it was killed for using more memory than it may (OOM) (heal) [drift: stopped]"`,
    );
  });

  test('its limits are others', () => {
    const loop = settled({ container: { resources: { pids: 100, cpus: 0.5, memoryBytes: 256e6 } } });
    const { id, config } = part(loop, 'service');
    const memory = { memoryBytes: 512e6, memorySwapBytes: 512e6 };
    const limits = { ...memory, nanoCpus: 2e9, pids: 7, restartPolicy: 'no' } as const;
    loop.world.change(id, { config: { ...config, ...limits } });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - updateContainer shop-app-stable-a72ba757-1: CPU limit is 2, applied was 0.5; memory limit is 512000000 bytes, applied was 256000000 bytes; memory and swap limit is 512000000 bytes, applied was 256000000 bytes; process limit is 7, applied was 100; restart policy is no, applied was unless-stopped (heal) [drift: resources]"
    `);
  });

  test('a limit that was not applied cannot be taken away by an update', () => {
    const loop = settled();
    const { id, config } = part(loop, 'service');
    loop.world.change(id, { config: { ...config, memoryBytes: 512e6 } });
    expect(story([loop.tick()])).toMatchInlineSnapshot(`
      "1
      - renameContainer shop-app-stable-f9122c6e-1: memory limit is 512000000 bytes, applied was none (heal) [drift: resources]
        createContainer shop-app-stable-f9122c6e-1: memory limit is 512000000 bytes, applied was none (heal) [drift: resources]"
    `);
  });

  test.each<[string, Partial<ObservedConfig>, string]>([
    ['only swap', { memorySwapBytes: -1 }, 'memory and swap limit is none, applied was 256000000 bytes'],
    [
      'the number of restarts',
      { restartPolicy: 'on-failure', maxRetries: 3 },
      'restart policy is on-failure:3, applied was unless-stopped',
    ],
    ['no limit of processes', { pids: -1 }, 'process limit is none, applied was 100'],
  ])('%s was updated: it is updated back', (_what, change, words) => {
    const loop = settled({ container: { resources: { pids: 100, memoryBytes: 256e6 } } });
    const { id, config } = part(loop, 'service');
    loop.world.change(id, { config: { ...config, ...change } });
    expect(story(loop.settle())).toBe(
      `1\n- updateContainer shop-app-stable-3a7bd9da-1: ${words} (heal) [drift: resources]`,
    );
  });

  test('a limit that no update takes away: a new container starts first, and each limit is named', () => {
    const loop = settled();
    const { id, config } = part(loop, 'service');
    const otherLimits = { 'cpu-shares': '512', 'cpuset-cpus': '0' };
    loop.world.change(id, { config: { ...config, otherLimits } });
    const why = 'cpu-shares is 512, applied was none; cpuset-cpus is 0, applied was none';
    const [first = '', ...later] = story(loop.settle()).split('\n2\n');
    expect(first).toBe(
      `1\n- renameContainer shop-app-stable-f9122c6e-1: ${why} (heal) [drift: resources]\n  createContainer shop-app-stable-f9122c6e-1: ${why} (heal) [drift: resources]`,
    );
    expect(later.join()).not.toContain('drift');
    expect(part(loop, 'service').config.otherLimits).toEqual({});
  });

  test('what else is not as applied makes it more than its limits', () => {
    const loop = settled();
    const { id, config } = part(loop, 'service');
    loop.world.change(id, { config: { ...config, user: 'root', otherLimits: { 'cpu-shares': '512' } } });
    expect(story([loop.tick()])).toContain('[drift: changed]');
  });

  test.each(['memoryBytes', 'memorySwapBytes', 'pids'] as const)(
    'a kernel that cannot hold %s is no drift',
    (key) => {
      const loop = settled({ container: { resources: { pids: 100, memoryBytes: 256e6 } } });
      const { id, config } = part(loop, 'service');
      const held = Object.entries(config).filter(([name]) => name !== key);
      loop.world.change(id, { config: Object.fromEntries(held) as unknown as ObservedConfig });
      expect(formatPlan(loop.plan().chains)).toBe('nothing to do');
    },
  );

  test('it never answered yet: one more replica that starts slowly is given its deadline', () => {
    const loop = new ModelLoop(stack([version('2.1.0-slow')]));
    loop.settle();
    loop.stack = stack([version('2.1.0-slow', { replicas: 2 })]);
    expect(story(loop.settle())).not.toContain('restartContainer');
  });

  test('it answers no more', () => {
    const loop = settled();
    loop.world.hang(part(loop, 'service').id);
    expect(story(loop.settle(1))).toBe('');
    for (let look = 0; look < 3; look += 1) loop.world.passes(200);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - restartContainer shop-app-stable-f9122c6e-1: it answers no more: it answered 500 (heal) [drift: unhealthy]"
    `);
  });

  describe('one of two answers no more', () => {
    function oneOfTwoHangs(): ModelLoop {
      const loop = settled({ replicas: 2 });
      loop.world.passes(60_000);
      loop.world.hang(part(loop, 'service').id);
      for (let look = 0; look < 4; look += 1) loop.world.passes(200);
      return loop;
    }

    test('it is restarted when nginx sends it nothing more', () => {
      const loop = oneOfTwoHangs();
      expect(story(loop.settle())).toMatchInlineSnapshot(`
        "1
        - shiftTraffic app: stable 100 % (2) → stable 100 % (1) (heal)
        2
        - stageProxy shop-proxy: the next routes are tested while their replicas start
        3
        - restartContainer shop-app-stable-f9122c6e-1: it answers no more: it answered 500 (heal) [drift: unhealthy]
        4
        - shiftTraffic app: stable 100 % (1) → stable 100 % (2) (heal)"
      `);
    });

    test('it is restarted all the same where it may not be taken out of nginx', () => {
      const loop = oneOfTwoHangs();
      loop.allow = (_, step) => step.kind !== 'shiftTraffic';
      for (let look = 0; look < 20; look += 1) {
        loop.tick();
        loop.world.passes(200);
      }
      expect(
        loop.ticks.flatMap(({ results }) => results).map(({ kind, step }) => `${kind} ${step.kind}`),
      ).toContain('done restartContainer');
    });
  });

  test('the engine restarts it by its own policy: we wait', () => {
    expect(after({ state: 'restarting' })).toMatchInlineSnapshot(`"nothing to do"`);
  });
});

describe('a place and its name', () => {
  test('a container that is gone is made again', () => {
    const loop = settled();
    loop.world.remove(part(loop, 'service').id);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-app-stable-f9122c6e-1: shop-app-stable-f9122c6e-1 is gone (heal) [drift: removed]
      2
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      - startContainer shop-app-stable-f9122c6e-1: it was made again (heal)
      3
      - shiftTraffic app: stable 100 % (1) → stable 100 % (1) (heal)"
    `);
  });

  test('another container of ours has the name: it makes room', () => {
    const loop = settled();
    const { id, name } = part(loop, 'service');
    loop.world.change(id, { name: 'somebody' });
    const other = { ...part(loop, 'service'), id: loop.world.nextId(), name, service: 'ghost' };
    loop.world.containers = [...loop.world.containers, other];
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - renameContainer shop-app-stable-f9122c6e-1: shop-app-stable-f9122c6e-1 is the name of another place (heal)
        renameContainer shop-app-stable-f9122c6e-1: it was renamed to somebody (heal) [drift: renamed]
      - stopContainer shop-app-stable-f9122c6e-1: ghost is not in the manifest any more (remove)
        removeContainer shop-app-stable-f9122c6e-1: ghost is not in the manifest any more (remove)"
    `);
  });

  test('a second container for one place leaves, the one that fits stays', () => {
    const loop = settled();
    const first = part(loop, 'service');
    const id = loop.world.nextId();
    loop.world.containers = [...loop.world.containers, { ...first, id, name: 'copy' }];
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - stopContainer copy: copy is a second container for one place (remove) [drift: duplicate]
        removeContainer copy: copy is a second container for one place (remove) [drift: duplicate]"
    `);
    expect(part(loop, 'service').id).toBe(first.id);
  });

  test.each<[string, (first: ObservedContainer) => Partial<ObservedContainer>]>([
    ['another spec', () => ({ specHash: 'f'.repeat(64) })],
    ['no spec hash', ({ config }) => ({ specHash: undefined, config }) as unknown as ObservedContainer],
    ['a service that nobody has', () => ({ service: 'ghost', specHash: undefined }) as never],
    ['no label but the stack', () => ({ service: undefined, track: undefined, replica: undefined }) as never],
  ])('a container with our labels that is none of ours (%s) is drift, and leaves', (_what, labels) => {
    const loop = settled();
    const first = part(loop, 'service');
    const id = loop.world.nextId();
    loop.world.containers = [...loop.world.containers, { ...first, id, name: 'hand', ...labels(first) }];
    const why = "hand has this stack's labels, and nothing of ours is made like that";
    expect(story(loop.settle())).toBe(
      `1\n- stopContainer hand: ${why} (remove) [drift: duplicate]\n  removeContainer hand: ${why} (remove) [drift: duplicate]`,
    );
    expect(part(loop, 'service').id).toBe(first.id);
  });

  test('what a version that was edited away left behind is no drift, nor is it when the notes are lost', () => {
    const loop = settled();
    const first = part(loop, 'service');
    const left = {
      ...first,
      id: loop.world.nextId(),
      name: 'shop-app-stable-ffffffff-1',
      specHash: 'f'.repeat(64),
      config: { ...first.config, labels: { ...first.config.labels } },
    };
    loop.world.containers = [...loop.world.containers, left];
    expect(story(loop.settle())).not.toContain('drift');
    loop.world.containers = [...loop.world.containers, left];
    loop.memory = EMPTY_MEMORY;
    expect(story(loop.settle())).not.toContain('drift');
  });

  test('what does not stay up is started with growing pauses', () => {
    const loop = settled();
    const { id } = part(loop, 'service');
    const starts: number[] = [];
    for (const since = loop.world.now; loop.world.now - since < 20_000;) {
      if (loop.world.find(id)?.state === 'running') loop.world.end(id, 1);
      const { results } = loop.tick();
      if (results.some(({ step }) => step.kind === 'startContainer'))
        starts.push(Math.round((loop.world.now - since) / 1000));
    }
    expect(starts).toMatchInlineSnapshot(`
      [
        0,
        1,
        3,
        7,
        15,
      ]
    `);
  });
});

describe('what a container was made of', () => {
  const of = {
    container: { env: { TOKEN: SECRET }, security: { capAdd: ['CHOWN'], readOnly: true, tmpfs: ['/tmp'] } },
  };
  const changes: readonly (readonly [string, (config: ObservedConfig) => Partial<ObservedConfig>])[] = [
    ['image', () => ({ image: 'other:1' })],
    ['variable', ({ env }) => ({ env: { ...env, TOKEN: 'other' } })],
    ['variable taken away', () => ({ env: {} })],
    ['variable added', ({ env }) => ({ env: { ...env, EXTRA: 'x' } })],
    ['label', ({ labels }) => ({ labels: { ...labels, 'swiftdeploy.version': '9' } })],
    ['foreign label', ({ labels }) => ({ labels: { ...labels, 'com.example': '9' } })],
    ['command', () => ({ command: ['sleep'] })],
    ['entry point', () => ({ entrypoint: ['sh'] })],
    ['user', () => ({ user: 'root' })],
    ['mounts', () => ({ mounts: [{ type: 'bind', source: '/', target: '/host', readOnly: false }] })],
    ['ports', () => ({ publish: [{ container: 3000, hostAddress: '', host: 3000 }] })],
    ['privileged', () => ({ privileged: true })],
    ['dropped capabilities', () => ({ capDrop: [] })],
    ['added capabilities', () => ({ capAdd: ['CHOWN', 'SYS_ADMIN'] })],
    ['security options', () => ({ securityOpt: [] })],
    ['read-only', () => ({ readOnly: false })],
    ['tmpfs', () => ({ tmpfs: [] })],
  ];

  test('each difference in words, values never among them', () => {
    const words = changes.map(([what, change]) => {
      const loop = settled(of);
      const { id, config } = part(loop, 'service');
      loop.world.change(id, { config: { ...config, ...change(config) } });
      const [first] = loop.plan().chains.flat();
      return `${what}: ${first === undefined ? 'nothing to do' : `${first.kind}: ${first.cause}`}`;
    });
    expect(words.join('\n')).not.toContain(SECRET);
    expect(words.join('\n')).toMatchInlineSnapshot(`
      "image: renameContainer: its image is other:1, not app:1
      variable: renameContainer: environment variable TOKEN is not as applied
      variable taken away: renameContainer: environment variable APP_PORT is not as applied; environment variable APP_VERSION is not as applied; environment variable MODE is not as applied; environment variable TOKEN is not as applied
      variable added: renameContainer: environment variable EXTRA is not as applied
      label: renameContainer: label swiftdeploy.version is not as applied
      foreign label: nothing to do
      command: renameContainer: its command is not as applied
      entry point: renameContainer: its entry point is not as applied
      user: renameContainer: its user is not as applied
      mounts: renameContainer: its mounts are not as applied
      ports: renameContainer: its published ports are not as applied
      privileged: renameContainer: its privileged mode is not as applied
      dropped capabilities: renameContainer: its dropped capabilities are not as applied
      added capabilities: renameContainer: its added capabilities are not as applied
      security options: renameContainer: its security options are not as applied
      read-only: renameContainer: its read-only file system is not as applied
      tmpfs: renameContainer: its tmpfs mounts are not as applied"
    `);
  });
});

describe('parts of the stack', () => {
  test('the proxy is gone: its successor serves at once what should be served', () => {
    const loop = settled();
    loop.world.remove(part(loop, 'proxy').id);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createContainer shop-proxy: shop-proxy is gone (heal) [drift: removed]
      2
      - configureProxy shop-proxy: its configuration goes in before it starts (heal)
        startContainer shop-proxy: it is the only published port (heal)"
    `);
    expect(loop.world.answering('shop-net').get('app')).toHaveLength(1);
  });

  test('the proxy is stopped', () => {
    const loop = settled();
    loop.world.end(part(loop, 'proxy').id, 137);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: its configuration goes in before it starts (heal)
        startContainer shop-proxy: it is stopped (exit code 137) (heal) [drift: stopped]"
    `);
  });

  test('its configuration is of another version of the controller, which is no drift', () => {
    const loop = settled();
    loop.world.proxy.upgrade(part(loop, 'proxy').id);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: its configuration is of another version of swiftdeploy, or of lost notes (heal)"
    `);
  });

  test('its configuration was edited inside', () => {
    const loop = settled();
    loop.world.proxy.edit(part(loop, 'proxy').id);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: its configuration was edited inside the container (heal) [drift: proxy-config]"
    `);
  });

  test('its configuration is lost', () => {
    const loop = settled();
    loop.world.proxy.replaceFile(part(loop, 'proxy').id, undefined);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: it has no configuration of ours (heal) [drift: proxy-config]"
    `);
  });

  test('a crash came between the file and the reload', () => {
    const loop = settled();
    const { id } = part(loop, 'proxy');
    const file = loop.world.proxy.served(id);
    if (file === undefined) throw new Error('nothing is served');
    loop.world.proxy.replaceFile(id, { ...file });
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - configureProxy shop-proxy: what its file says is not served yet (heal)"
    `);
  });

  test('it hangs', () => {
    const loop = settled();
    loop.world.hang(part(loop, 'proxy').id);
    const before = loop.ticks.length;
    loop.rest();
    expect(story(loop.ticks.slice(before))).toMatchInlineSnapshot(`
      "1
      - restartContainer shop-proxy: it answers no more: it runs and has said nothing for 5 s (heal) [drift: unhealthy]"
    `);
  });

  test('a second proxy', () => {
    const loop = settled();
    const copy = { ...part(loop, 'proxy'), id: loop.world.nextId(), name: 'copy', state: 'exited' as const };
    loop.world.containers = [...loop.world.containers, copy];
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - removeContainer copy: it is a second proxy (heal) [drift: duplicate]"
    `);
  });

  test('the network is gone', () => {
    const loop = settled();
    loop.world.cut('shop-net');
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createNetwork shop-net: network shop-net is gone (heal) [drift: removed]
      2
      - connectNetwork shop-proxy: it is not on network shop-net (heal) [drift: disconnected]
      - connectNetwork shop-app-stable-f9122c6e-1: it is not on network shop-net (heal) [drift: disconnected]"
    `);
  });

  test('the manifest names another network: that is an edit, however long it takes', () => {
    const loop = settled();
    loop.stack = { ...loop.stack, network: { name: 'other-net', driver: 'bridge' } };
    loop.allow = (_gate, { kind }) => kind !== 'connectNetwork';
    expect(formatPlan(loop.tick().plan.chains)).toContain(
      'createNetwork other-net: the stack needs its network',
    );
    for (let left = 3; left > 0; left -= 1)
      expect(formatPlan(loop.tick().plan.chains)).not.toContain('drift');
    loop.allow = () => true;
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - connectNetwork shop-proxy: the manifest names network other-net (heal)
      - connectNetwork shop-app-stable-f9122c6e-1: the manifest names network other-net (heal)"
    `);
    loop.world.change(part(loop, 'service').id, { networks: new Map() });
    expect(formatPlan(loop.plan().chains)).toContain(
      'it is not on network other-net (heal) [drift: disconnected]',
    );
  });

  test('a volume is gone', () => {
    const mounts = [{ type: 'volume', source: 'logs', target: '/logs', readOnly: false }] as const;
    const loop = settled({ container: { mounts } });
    loop.world.volumes = [];
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createVolume logs: volume logs is gone (heal) [drift: removed]"
    `);
  });

  test('everything but the images is gone, while nobody looked', () => {
    const loop = settled();
    loop.world.proxy.forget();
    loop.world.containers = [];
    loop.world.networks = [];
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - createNetwork shop-policy: network shop-policy is gone [drift: removed]
      2
      - createContainer shop-policy-dddddddd: every step is asked first
      3
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: every step is asked first
      4
      - createNetwork shop-net: network shop-net is gone (heal) [drift: removed]
      5
      - createContainer shop-proxy: shop-proxy is gone (heal) [drift: removed]
      - createContainer shop-app-stable-f9122c6e-1: shop-app-stable-f9122c6e-1 is gone (heal) [drift: removed]
      6
      - configureProxy shop-proxy: its configuration goes in before it starts (heal)
        startContainer shop-proxy: it is the only published port (heal)
      - startContainer shop-app-stable-f9122c6e-1: it was made again (heal)
      7
      - stageProxy shop-proxy: the next routes are tested while their replicas start
      8
      - shiftTraffic app: nobody → stable 100 % (1) (heal)"
    `);
    expect(loop.world.answering('shop-net').get('app')).toHaveLength(1);
  });

  test('the engine was restarted: what has no restart policy is started', () => {
    const loop = new ModelLoop(stack([version('1.0.0', { container: { restartPolicy: 'no' } })]));
    loop.settle();
    for (const { id } of loop.world.containers) loop.world.end(id, 255);
    expect(story(loop.settle())).toMatchInlineSnapshot(`
      "1
      - loadPolicies shop-policy-dddddddd: policy revision ffffffffffff
        startContainer shop-policy-dddddddd: it is stopped (exit code 255) [drift: stopped]
      2
      - configureProxy shop-proxy: its configuration goes in before it starts (heal)
        startContainer shop-proxy: it is stopped (exit code 255) (heal) [drift: stopped]
      - startContainer shop-app-stable-c4244228-1: it is stopped (exit code 255) (heal) [drift: stopped]"
    `);
  });
});
