/** Every way in which the world may leave what was applied: it comes back, and the history says what was wrong and when it was right again. */
import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../src/controller/history/history-event.js';
import {
  disconnect,
  duplicate,
  editProxy,
  recreate,
  removeEverything,
  removeNetwork,
} from '../support/damage.js';
import { docker, inspect, labelOf, nameOf, pidOf, remove, writeIn, type Info } from '../support/engine.js';
import { NODE, workload } from '../support/manifest.js';
import { expectWhole, Stack, useStack } from '../support/stack.js';

const WHOLE = ['policy', 'proxy', 'service/app/stable/1'];

interface Healed {
  /** Of the drift, as the history names it. */
  readonly kind: string;
  readonly cause: RegExp;
  readonly target?: RegExp;
}

/** Does the damage and waits until the history and the world say that it is undone. */
async function heals(stack: Stack, damage: () => Promise<unknown>, drift: Healed): Promise<HistoryEvent> {
  const seq = await stack.lastSeq();
  await damage();
  return expectHealed(stack, seq, drift);
}

async function expectHealed(stack: Stack, seq: number, drift: Healed): Promise<HistoryEvent> {
  const { kind, cause, target = /./ } = drift;
  const detected = await stack.event(seq, 'drift_detected', { kind, cause, target });
  await stack.event(seq, 'drift_healed', { kind, target: detected.target });
  await stack.settled();
  await stack.serves('1');
  await expectWhole(stack, WHOLE);
  return detected;
}

describe('a replica', () => {
  const stack = useStack({
    services: workload({ name: 'app', resources: { cpus: 0.5, memory: '128m' }, env: { KEY: 'as-applied' } }),
  });
  const container = async () => docker.getContainer((await stack.replica()).Id);

  test('that was stopped is started', () =>
    heals(stack, async () => (await container()).stop({ t: 1 }), {
      kind: 'stopped',
      cause: /it is stopped \(exit code \d+\)/,
    }));

  test('that was killed is started', () =>
    heals(stack, async () => (await container()).kill({ signal: 'SIGKILL' }), {
      kind: 'stopped',
      cause: /it is stopped \(exit code 137\)/,
    }));

  test('that was paused goes on', async () => {
    const { Id } = await stack.replica();
    await heals(stack, () => docker.getContainer(Id).pause(), { kind: 'paused', cause: /it is paused/ });
    expect((await stack.replica()).Id).toBe(Id);
  });

  test('that was removed is made again', () =>
    heals(stack, async () => remove((await stack.replica()).Id), { kind: 'removed', cause: /is gone/ }));

  test('that was renamed gets its name back', async () => {
    const before = await stack.replica();
    const other = `${stack.name}-somebody`;
    await heals(stack, async () => (await container()).rename({ name: other }), {
      kind: 'renamed',
      cause: new RegExp(`it was renamed to ${other}`),
    });
    expect((await stack.replica()).Name).toBe(before.Name);
    expect((await stack.replica()).Id).toBe(before.Id);
  });

  test('that was disconnected from its network is connected', async () => {
    const { Id } = await stack.replica();
    await heals(stack, async () => disconnect(stack, await stack.replica()), {
      kind: 'disconnected',
      cause: /it is not on network/,
    });
    expect((await stack.replica()).Id).toBe(Id);
  });

  test('that was connected to a network of somebody else is disconnected, and goes on', async () => {
    const before = await stack.replica();
    const others = await docker.createNetwork({ Name: `${stack.name}-others` });
    try {
      await heals(stack, async () => others.connect({ Container: (await stack.replica()).Id }), {
        kind: 'connected',
        cause: /it was connected to network .*-others/,
      });
      const after = await stack.replica();
      expect(Object.keys(after.NetworkSettings.Networks)).toEqual([stack.name]);
      expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
    } finally {
      await others.remove();
    }
  });

  test('that was made again by hand with another environment is replaced, and no value is told', async () => {
    const before = await stack.replica();
    const env = before.Config.Env.map((entry) => (entry.startsWith('KEY=') ? 'KEY=by-hand-5177' : entry));
    await heals(stack, () => stack.frozen(() => recreate(before, { env })), {
      kind: 'changed',
      cause: /environment variable KEY is not as applied/,
    });
    expect((await stack.replica()).Config.Env).toContain('KEY=as-applied');
    expect(JSON.stringify(await stack.history())).not.toContain('by-hand-5177');
  });

  test('that was made again by hand with another label is replaced', async () => {
    const before = await stack.replica();
    const labels = { 'swiftdeploy.version': '99' };
    await heals(stack, () => stack.frozen(() => recreate(before, { labels })), {
      kind: 'changed',
      cause: /label swiftdeploy\.version is not as applied/,
    });
    expect(labelOf(await stack.replica(), 'version')).toBe('1');
  });

  test.each([
    ['memory', { Memory: 256 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024 }, /memory limit is 268435456/],
    ['CPUs', { NanoCpus: 250_000_000 }, /CPU limit is 0\.25,/],
    ['swap', { MemorySwap: 512 * 1024 * 1024 }, /memory and swap limit is 536870912/],
    ['processes', { PidsLimit: 77 }, /process limit is 77/],
    [
      'number of restarts',
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
      /restart policy is on-failure:3, applied was unless-stopped/,
    ],
    ['restart policy', { RestartPolicy: { Name: 'always' } }, /restart policy is always/],
  ])('with other %s, which somebody updated, is updated back in place', async (_what, change, cause) => {
    const before = await stack.replica();
    await heals(stack, () => docker.getContainer(before.Id).update(change), { kind: 'resources', cause });
    const after = await stack.replica();
    expect(after.Id).toBe(before.Id);
    expect(after.HostConfig.Memory).toBe(128 * 1024 * 1024);
    expect(after.HostConfig.MemorySwap).toBe(128 * 1024 * 1024);
    expect(after.HostConfig.NanoCpus).toBe(500_000_000);
    expect(after.HostConfig.PidsLimit).toBe(before.HostConfig.PidsLimit);
    expect(after.HostConfig.RestartPolicy).toEqual({ Name: 'unless-stopped', MaximumRetryCount: 0 });
  });

  // The Engine's update call takes 0 and '' for "as it is": what was set can only be lost with the container.
  test.each([
    ['CPU shares', { CpuShares: 512 }, /cpu-shares is 512, applied was none/],
    ['CPU set', { CpusetCpus: '0' }, /cpuset-cpus is 0, applied was none/],
    ['memory reservation', { MemoryReservation: 64 << 20 }, /memory-reservation is 67108864/],
  ])('whose %s somebody set is replaced', async (_what, change, cause) => {
    const before = await stack.replica();
    await heals(stack, () => docker.getContainer(before.Id).update(change), { kind: 'resources', cause });
    const after = await stack.replica();
    expect(after.Id).not.toBe(before.Id);
    for (const key of Object.keys(change) as (keyof typeof before.HostConfig)[])
      expect(after.HostConfig[key]).toEqual(before.HostConfig[key]);
  });

  test('with a second container in its place keeps one of the two', async () => {
    const before = await stack.replica();
    await heals(stack, () => duplicate(stack), {
      kind: 'duplicate',
      cause: /is a second container for one place/,
    });
    expect((await stack.replica()).Id).toBe(before.Id);
  });

  test('that hangs is restarted after its health check failed often enough', async () => {
    const { Id } = await stack.replica();
    const pid = await pidOf(Id);
    await heals(stack, () => Promise.resolve(process.kill(pid, 'SIGSTOP')), {
      kind: 'unhealthy',
      cause: /it answers no more: /,
    });
    expect(await pidOf(Id)).not.toBe(pid);
  });
});

describe('what a replica stands on', () => {
  const stack = useStack();

  test('a network that was removed is made again, and everything is on it', async () => {
    await heals(stack, () => stack.frozen(() => removeNetwork(stack)), {
      kind: 'removed',
      cause: /network .* is gone/,
    });
  });

  test('a proxy that was disconnected is connected, and no replica pays for it', async () => {
    const before = await stack.replica();
    const damage = async () => disconnect(stack, await stack.part('proxy'));
    await heals(stack, damage, { kind: 'disconnected', target: /-proxy$/, cause: /it is not on network/ });
    expect((await stack.replica()).State.StartedAt).toBe(before.State.StartedAt);
  });

  test('a volume that was removed is made again', async () => {
    const volume = stack.name + '-data';
    await stack.set({ volumes: [`${volume}:/data`] });
    await stack.settled();
    await stack.stop();
    const seq = await stack.lastSeq();
    await remove((await stack.replica()).Id);
    await docker.getVolume(volume).remove();
    stack.startController();
    await expectHealed(stack, seq, {
      kind: 'removed',
      target: new RegExp(volume),
      cause: /volume .* is gone/,
    });
    expect((await stack.replica()).Mounts.map(({ Name }) => Name)).toContain(volume);
  });
});

describe('the proxy', () => {
  const stack = useStack();
  const container = async () => docker.getContainer((await stack.part('proxy')).Id);

  test('that was stopped is started', () =>
    heals(stack, async () => (await container()).stop({ t: 1 }), {
      kind: 'stopped',
      target: /-proxy$/,
      cause: /it is stopped/,
    }));

  test('that was removed is made again', () =>
    heals(stack, async () => remove((await stack.part('proxy')).Id), {
      kind: 'removed',
      target: /-proxy$/,
      cause: /is gone/,
    }));

  test('that was paused goes on', () =>
    heals(stack, async () => (await container()).pause(), {
      kind: 'paused',
      target: /-proxy$/,
      cause: /it is paused/,
    }));

  test('whose configuration was edited inside the container gets its own back, in the same container', async () => {
    const { Id } = await stack.part('proxy');
    await heals(stack, () => editProxy(stack), {
      kind: 'proxy-config',
      cause: /edited inside the container/,
    });
    await stack.until(
      'the header is ours again',
      async () => (await stack.get()).headers['x-deployed-by'] === 'swiftdeploy' || undefined,
    );
    expect((await stack.part('proxy')).Id).toBe(Id);
  });
});

describe('the policy engine', () => {
  const stack = useStack();
  const container = async () => docker.getContainer((await stack.part('policy')).Id);
  const target = /-policy-/;

  test('that was stopped is started', () =>
    heals(stack, async () => (await container()).stop({ t: 1 }), {
      kind: 'stopped',
      target,
      cause: /is stopped/,
    }));

  test('that was paused goes on', () =>
    heals(stack, async () => (await container()).pause(), { kind: 'paused', target, cause: /it is paused/ }));

  test('that was removed is made again', () =>
    heals(stack, async () => remove((await stack.part('policy')).Id), {
      kind: 'removed',
      target,
      cause: /is gone/,
    }));
});

describe('an image tag that moved', () => {
  const stack = new Stack();
  const image = `${stack.name}:latest`;
  // The moved tag is of an image that could not even run as the service: nobody may use it.
  const tag = (source: string) => docker.getImage(source).tag({ repo: stack.name, tag: 'latest' });

  const up = ({ State }: Info) => State.Running;

  test('is reported and changes nothing, nor what is healed or added; with pull: always and no registry, what runs stays', async () => {
    try {
      await stack.prepare();
      await tag('swift-deploy-1-node:latest');
      await stack.set({ image });
      stack.startController();
      await stack.settled();
      const before = await stack.replica();

      await tag('nginx:latest');
      await stack.waitFor('somebody is told that the image moved', ({ conditions }) =>
        conditions.some(({ message }) => message.includes('is another image now')),
      );
      expect((await stack.replica()).Id).toBe(before.Id);

      const builds = async () => (await stack.replicas()).filter(up).map(({ Image }) => Image);
      await remove(before.Id);
      await stack.until('it is made again', async () => (await builds()).length === 1);
      await stack.set({ replicas: 2 });
      await stack.until('there are two', async () => (await builds()).length === 2);
      expect(await builds()).toEqual([before.Image, before.Image]);
      await stack.set({ replicas: 1 });
      await stack.left(1);
      const kept = await stack.replica();

      await stack.set({ pull: 'always' });
      await stack.waitFor('a condition says that the image cannot be pulled', ({ conditions }) =>
        conditions.some(({ message }) => message.includes(`image ${image} cannot be pulled`)),
      );
      await stack.serves('1');
      expect((await stack.replica()).Id).toBe(kept.Id);
      await stack.check();
    } finally {
      await stack.dispose();
      await docker
        .getImage(image)
        .remove({ force: true })
        .catch(() => undefined);
    }
  });
});

describe('while the controller was down', () => {
  const stack = useStack();

  /** Damages the stack between two controllers; what the second one saw and mended. */
  async function healsAfterwards(damage: () => Promise<unknown>, drift: Healed): Promise<void> {
    await stack.kill9();
    const seq = await stack.lastSeq();
    await damage();
    stack.startController();
    await expectHealed(stack, seq, drift);
  }
  const app = async () => docker.getContainer((await stack.replica()).Id);
  const part = async (role: 'proxy' | 'policy') => docker.getContainer((await stack.part(role)).Id);

  test.each<[string, () => Promise<unknown>, Healed]>([
    ['stopped', async () => (await app()).stop({ t: 1 }), { kind: 'stopped', cause: /exit code/ }],
    ['paused', async () => (await app()).pause(), { kind: 'paused', cause: /paused/ }],
    ['removed', async () => remove((await stack.replica()).Id), { kind: 'removed', cause: /is gone/ }],
    [
      'renamed',
      async () => (await app()).rename({ name: `${stack.name}-x` }),
      { kind: 'renamed', cause: /renamed to/ },
    ],
    [
      'disconnected',
      async () => disconnect(stack, await stack.replica()),
      { kind: 'disconnected', cause: /not on network/ },
    ],
    [
      'recreated with another environment',
      async () => {
        const info = await stack.replica();
        await recreate(info, { env: [...info.Config.Env, 'ADDED=x'] });
      },
      { kind: 'changed', cause: /ADDED/ },
    ],
    [
      'updated',
      async () => (await app()).update({ RestartPolicy: { Name: 'always' } }),
      { kind: 'resources', cause: /restart policy/ },
    ],
  ])('a replica was %s', (_what, damage, drift) => healsAfterwards(damage, drift));

  test('the proxy was removed', () =>
    healsAfterwards(async () => remove((await stack.part('proxy')).Id), {
      kind: 'removed',
      target: /-proxy$/,
      cause: /is gone/,
    }));

  test("the proxy's configuration was edited", () =>
    healsAfterwards(
      async () => {
        const { Id } = await stack.part('proxy');
        await writeIn(Id, '/etc/nginx/nginx.conf', 'events {}\n');
      },
      { kind: 'proxy-config', cause: /edited inside/ },
    ));

  test('the policy engine was stopped', () =>
    healsAfterwards(async () => (await part('policy')).stop({ t: 1 }), {
      kind: 'stopped',
      target: /-policy-/,
      cause: /stopped/,
    }));

  test('everything was removed, networks too', async () => {
    await healsAfterwards(() => removeEverything(stack), {
      kind: 'removed',
      target: /^swd-e2e-[0-9a-f]+$/,
      cause: /network .* is gone/,
    });
  });
});

/** A program that is taken for good in its first life, and ends by itself in every life. `/again` is root's to write. */
function shortLived(ends: string): Readonly<Record<string, unknown>> {
  const life = "existsSync('/again') ? 2500 : 9000";
  const program = `const { existsSync, writeFileSync } = require('node:fs'); setTimeout(() => { ${ends} }, ${life}); writeFileSync('/again', '')`;
  return { name: 'app', image: NODE, health: false, user: '0:0', command: ['node', '-e', program] };
}

describe('a service that does not stay up', () => {
  test('is started with growing pauses, and Stalled says how often and how it ended', async () => {
    const stack = new Stack({
      services: workload({ ...shortLived('process.exit(7)'), restart_policy: 'no' }),
    });
    try {
      await stack.prepare();
      stack.startController();
      await stack.event(0, 'deploy');
      const stalled = await stack.condition('Stalled', 'True', 'Unstable');
      expect(stalled.message).toMatch(/does not stay up.*exit code 7/);
      const starts = (await stack.history()).filter(({ event }) => event === 'drift_detected');
      expect(starts.length).toBeGreaterThan(0);
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });

  test('under a restart policy of the engine is named with its restart count', async () => {
    const stack = new Stack({
      services: workload(shortLived('process.exit(7)')),
    });
    try {
      await stack.prepare();
      stack.startController();
      await stack.event(0, 'deploy');
      const stalled = await stack.condition('Stalled', 'True');
      expect(stalled.message).toMatch(/does not stay up after \d+ restarts.*exit code 7/);
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });

  test('for want of memory is named OOM', async () => {
    const hog = 'const keep = []; for (;;) keep.push(Buffer.alloc(1 << 20, 1));';
    const stack = new Stack({
      services: workload({ ...shortLived(hog), restart_policy: 'no', resources: { memory: '48m' } }),
    });
    try {
      await stack.prepare();
      stack.startController();
      await stack.event(0, 'deploy');
      await stack.event(0, 'drift_detected', { kind: 'stopped', cause: /more memory than it may \(OOM\)/ });
      const stalled = await stack.condition('Stalled', 'True', 'Unstable');
      expect(stalled.message).toMatch(/OOM/);
      const info = await inspect(nameOf(await stack.replica()));
      expect(info?.HostConfig.Memory).toBe(48 * 1024 * 1024);
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });
});
