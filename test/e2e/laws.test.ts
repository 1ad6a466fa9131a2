/** The nine laws of the design, one `describe` each: what must hold on the real engine, whatever happens. */
import { once } from 'node:events';
import { mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  addressOn,
  docker,
  inspect,
  labelOf,
  nameOf,
  pidOf,
  readIn,
  remove,
  TEST_LABEL,
} from '../support/engine.js';
import { EngineTap } from '../support/engine-tap.js';
import { Load } from '../support/load.js';
import { machineNow } from '../support/machine-clock.js';
import { NODE, workload, WORKLOAD } from '../support/manifest.js';
import { expectWhole, Stack, useStack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';
import { httpGet } from '../../src/probes/health/http-get.js';

const WHOLE = ['policy', 'proxy', 'service/app/stable/1'];

/** A container that is nobody's business but the test's. */
async function foreign(stack: Stack, options: { name?: string; network?: string; port?: number }) {
  const { name, network = 'none', port } = options;
  const container = await docker.createContainer({
    ...(name === undefined ? {} : { name }),
    Image: NODE,
    Cmd: ['node', '-e', 'setInterval(() => {}, 1000)'],
    Labels: { [TEST_LABEL]: stack.name },
    ...(port === undefined ? {} : { ExposedPorts: { '1/tcp': {} } }),
    HostConfig: {
      NetworkMode: network,
      ...(port === undefined ? {} : { PortBindings: { '1/tcp': [{ HostPort: String(port) }] } }),
    },
  });
  await container.start();
  return container;
}

const isUntouched = async (id: string, startedAt: string) => {
  const info = await inspect(id);
  expect(info?.State).toMatchObject({ Running: true, StartedAt: startedAt });
};

describe('law 1: level-triggered — lost, doubled or reordered events change nothing', () => {
  const stack = new Stack();
  const tap = new EngineTap(join(stack.dir, 'engine.sock'));
  beforeAll(async () => {
    await stack.prepare();
    await tap.listen();
    stack.startController(tap.env);
    await stack.settled();
  });
  afterEach(() => stack.check());
  afterAll(async () => {
    await stack.dispose();
    tap.close();
  });

  test('no event reaches the controller: the timer finds what nothing else tells', async () => {
    tap.deaf = true;
    const seq = await stack.lastSeq();
    await docker.getContainer((await stack.replica()).Id).rename({ name: `${stack.name}-x` });
    const healed = async () => (await stack.eventsSince(seq, 'drift_healed'))[0];
    await stack.until('healed by the timer alone', healed, { timeoutMs: 60_000 });
    tap.deaf = false;
  });

  test('the event stream breaks and what happened meanwhile is found at the reconnect', async () => {
    const seq = await stack.lastSeq();
    tap.deaf = true;
    await docker.getContainer((await stack.replica()).Id).pause();
    tap.deaf = false;
    tap.cut();
    await stack.event(seq, 'drift_healed', { kind: 'paused' });
    await stack.serves('1');
  });

  test('the engine is away for a while: nothing is lost, nothing is done twice', async () => {
    tap.down = true;
    tap.cut();
    await stack.set({ version: '2' });
    const { message } = await stack.condition('Reconciling', 'True', 'EngineUnreachable');
    expect(message).toMatch(/does not answer/);
    expect(await stack.servedVersion()).toBe('1');
    tap.down = false;
    await stack.serves('2');
    await stack.left(1);
    await expectWhole(stack, WHOLE);
  });

  test('many triggers at once are one change', async () => {
    const seq = await stack.lastSeq();
    for (let i = 0; i < 20; i++) await stack.save();
    await stack.set({ version: '3' });
    for (let i = 0; i < 20; i++) await stack.save();
    await stack.serves('3');
    await stack.settled();
    expect(await stack.eventsSince(seq, 'deploy')).toHaveLength(1);
  });
});

describe('law 2: only steps change the world — a converged stack is left alone', () => {
  const stack = useStack();

  test('a look at a converged stack writes nothing and calls nothing that changes it', async () => {
    await stack.set({ metrics: false }); // traffic is told, and there is some
    await stack.settled();
    await stack.left(1);
    const before = await readFile(stack.statusPath, 'utf8');
    const seq = await stack.lastSeq();
    const log = stack.log;
    // A save without a change, and an event of a container that is not ours, are two reasons to look.
    await stack.save();
    await remove((await foreign(stack, {})).id);
    await stack.get();
    expect(await readFile(stack.statusPath, 'utf8')).toBe(before);
    expect(await stack.eventsSince(seq)).toEqual([]);
    expect(stack.log).toBe(log);
  });

  test('what is reported is what is there', async () => {
    await stack.set({ replicas: 2 });
    const status = await stack.settled();
    expect(status.services[0]?.tracks).toMatchObject([
      { track: 'stable', version: '1', weight: 100, replicas: { desired: 2, ready: 2 } },
    ]);
    expect(await stack.replicas()).toHaveLength(2);
  });
});

describe('law 3: crash-only — kill -9 and start again ends in the same state', () => {
  const stack = useStack();

  test('ten kills at arbitrary moments of a rollout end in one container of the new version', async () => {
    await stack.set({ version: '2' });
    for (let kills = 0; kills < 10; kills++) {
      await stack.kill9();
      const printed = stack.startController();
      await stack
        .until('it did something', () => printed.log.length > kills * 40 || undefined, {
          timeoutMs: 1500,
        })
        .catch(() => undefined);
    }
    await stack.settled();
    await stack.serves('2');
    await stack.left(1);
    await expectWhole(stack, WHOLE);
    await stack.check();
  });
});

describe('law 4: fail closed, roll back freely', () => {
  const stack = useStack();
  const policy = join(stack.policiesPath, 'infrastructure', 'infrastructure.rego');

  /** The policies on disk were accepted after `seq`, and it is they that decide now. */
  async function policiesDecide(seq: number): Promise<void> {
    const { revision } = await stack.event(seq, 'policy_changed');
    await stack.until('the new policies run', async () => {
      const part = await stack.part('policy').catch(() => undefined);
      return part?.State.Running === true && labelOf(part, 'policy-revision') === revision;
    });
    // Until they answer they are silent, and silence stops no rollback.
    const health = { host: '127.0.0.1', port: stack.manifest.opa.port, path: '/health', timeoutMs: 500 };
    await stack.until('the new policies answer', async () => {
      const answer = await httpGet(health);
      return answer.answered && answer.status === 200;
    });
    await stack.condition('PolicyReady', 'True');
    await stack.settled();
  }

  test('a policy that denies: nothing starts, the rule, the value and the limit are told once, and a change of policy frees it', async () => {
    const before = await stack.ids();
    const seq = await stack.lastSeq();
    await stack.setThresholds({ min_disk_free_gb: 9_000_000 });
    await policiesDecide(seq);
    const policyIds = await stack.ids();
    await stack.set({ version: '2' });
    const { message } = await stack.condition('PolicyAllowed', 'False');
    expect(message).toMatch(/disk_free_gb is [\d.]+, minimum (required|allowed) is 9000000/);
    await stack.condition('Stalled', 'True', 'PolicyDenied');
    await stack.save();
    expect(await stack.ids()).toEqual(policyIds);
    expect(policyIds.length).toBe(before.length);
    expect(await stack.servedVersion()).toBe('1');
    const denials = await stack.eventsSince(seq, 'policy_denied');
    expect(denials).toHaveLength(1);
    expect(denials[0]).toMatchObject({ question: 'replace', service: 'app', proceeded: false });
    await stack.setThresholds({ min_disk_free_gb: 0 });
    await stack.serves('2');
  });

  test('healing is another question: it is allowed where deploying is denied', async () => {
    await stack.settled();
    const seq = await stack.lastSeq();
    await stack.setThresholds({ min_disk_free_gb: 9_000_000 });
    await policiesDecide(seq);
    await remove((await stack.replica()).Id);
    await stack.event(seq, 'drift_healed', { kind: 'removed' });
    await stack.serves('2');
    const healed = await stack.lastSeq();
    await stack.edit(({ nginx }) => (nginx.proxy_timeout = 7));
    await stack.event(healed, 'policy_denied', { question: 'replace' });
    const denied = await stack.lastSeq();
    await remove((await stack.part('proxy')).Id);
    await stack.event(denied, 'drift_healed', { kind: 'removed' });
    await stack.serves('2');
    expect(await timeoutServed()).toBe('5s');
    await stack.setThresholds({ min_disk_free_gb: 0 });
    await policiesDecide(healed);
    await stack.settled();
    expect(await timeoutServed()).toBe('7s');
  });

  const timeoutServed = async () => {
    const file = await readIn((await stack.part('proxy')).Id, '/etc/nginx/nginx.conf');
    return /proxy_send_timeout (\d+s)/.exec(file)?.[1];
  };

  test('a folder that is a link is judged by where it leads: the controller, plan and policies explain deny alike, until it leads elsewhere', async () => {
    const innocent = join(stack.dir, 'innocent');
    const shell = new CommandLine(stack.dir);
    await symlink('/var/run', innocent);
    const seq = await stack.lastSeq();
    const before = await stack.ids();
    await stack.set({ user: '0', volumes: [`${innocent}:/x:ro`] });
    const denial = `app mounts ${innocent} (really ${await realpath('/var/run')}), which holds the engine's socket`;
    const { message } = await stack.condition('PolicyAllowed', 'False');
    expect(message).toContain(denial);
    await stack.event(seq, 'policy_denied', { question: 'replace', service: 'app', proceeded: false });
    expect((await shell.run('plan')).stdout).toContain(denial);
    expect((await shell.run('policies', 'explain', 'admission')).stdout).toContain(denial);
    expect(await stack.ids()).toEqual(before);
    await mkdir(join(stack.dir, 'own'));
    await symlink('own', `${innocent}.next`);
    await rename(`${innocent}.next`, innocent);
    await shell.run('reconcile');
    await stack.condition('PolicyAllowed', 'True');
    await stack.settled();
    expect((await stack.replica()).Mounts).toMatchObject([{ Source: innocent, Destination: '/x' }]);
    await stack.edit(({ services }) => {
      delete services.user;
      delete services.volumes;
    });
    await stack.settled();
  });

  test('policies that do not compile, or fail their own tests, are refused by file and row, and the last good ones decide', async () => {
    const good = await readFile(policy, 'utf8');
    const seq = await stack.lastSeq();
    await writeFile(policy, `${good}\nallow := \n`);
    const { message } = await stack.condition('PolicyReady', 'False', 'PoliciesRejected');
    expect(message).toMatch(/infrastructure\/infrastructure\.rego:\d+/);
    await stack.event(seq, 'policy_rejected');
    await stack.set({ version: '3' });
    await stack.serves('3');
    await writeFile(policy, good);
    await stack.condition('PolicyReady', 'True');
    await stack.settled();
  });

  test('a domain that answers nonsense is silence: forward is denied under OPA_MALFORMED, back is not', async () => {
    await stack.set({ mode: 'canary', version: '4' });
    await stack.serves('4');
    await stack.settled();
    const seq = await stack.lastSeq();
    const folder = join(stack.policiesPath, 'nonsense');
    await mkdir(folder);
    // It answers well while it is tried, or it would never decide.
    const rego = [
      'package swiftdeploy.nonsense',
      'import rego.v1',
      'decision := {"allow": false, "reasons": ["tried"]} if input.stack == "probe"',
      'decision := {"allow": "yes", "reasons": []} if input.stack != "probe"',
      '',
    ].join('\n');
    await writeFile(join(folder, 'nonsense.rego'), rego);
    await policiesDecide(seq);

    await stack.set({ version: '5' });
    const { message } = await stack.condition('PolicyAllowed', 'False');
    expect(message).toMatch(/nonsense/);
    const denied = await stack.event(seq, 'policy_denied', { proceeded: false });
    expect(JSON.stringify(denied.reasons)).toContain('OPA_MALFORMED');
    expect(await stack.servedVersion()).toBe('4');

    await stack.set({ mode: 'stable', version: '3' });
    await stack.serves('3');
    await stack.event(seq, 'rollback');
    await stack.event(seq, 'policy_denied', { question: 'rollback', proceeded: true });
    await rm(folder, { recursive: true });
    await stack.settled();
    await stack.left(1);
  });

  test('a working policy that denies a rollback is obeyed', async () => {
    await stack.set({ mode: 'canary', version: '6' });
    await stack.serves('6');
    await stack.settled();
    const seq = await stack.lastSeq();
    const folder = join(stack.policiesPath, 'freeze');
    await mkdir(folder);
    const rego = [
      'package swiftdeploy.freeze',
      'import rego.v1',
      'decision := {"allow": allow, "reasons": reasons}',
      'default allow := false',
      'allow if input.question == "heal"',
      'reasons contains {"code": "frozen", "message": "nothing moves today"} if not allow',
      '',
    ].join('\n');
    await writeFile(join(folder, 'freeze.rego'), rego);
    await policiesDecide(seq);
    await stack.set({ mode: 'stable', version: '3' });
    const { message } = await stack.condition('PolicyAllowed', 'False');
    expect(message).toContain('nothing moves today');
    expect(await stack.servedVersion()).toBe('6');
    await rm(folder, { recursive: true });
    await stack.serves('3');
    await stack.settled();
  });

  test('an OPA that hangs denies under its own code within seconds, starts nothing, and is mended', async () => {
    await stack.left(1);
    const before = await stack.servedVersion();
    const seq = await stack.lastSeq();
    const { Id } = await stack.part('policy');
    process.kill(await pidOf(Id), 'SIGSTOP');
    const askedAt = machineNow();
    await stack.set({ version: '7' });
    const denied = await stack.event(seq, 'policy_denied', { proceeded: false });
    // Five seconds for an OPA that was only just started, two for the question.
    expect(machineNow() - askedAt).toBeLessThan(9000);
    expect(JSON.stringify(denied.reasons)).toContain('OPA_TIMEOUT');
    const { policies } = await stack.waitFor('the code is in the status', (status) =>
      status.policies.some(({ code }) => code === 'OPA_TIMEOUT') ? status : undefined,
    );
    expect(policies).not.toEqual([]);
    await stack.condition('PolicyReady', 'False', 'NotAnswering');
    expect(await stack.servedVersion()).toBe(before);
    expect(await stack.replicas()).toHaveLength(1);
    await stack.serves('7');
    await stack.settled();
  });

  test('a rollback does not wait for an OPA that hangs', async () => {
    await stack.left(1);
    const before = (await stack.servedVersion()) ?? '';
    await stack.set({ mode: 'canary', version: '8' });
    await stack.serves('8');
    await stack.settled();
    const seq = await stack.lastSeq();
    const { Id } = await stack.part('policy');
    process.kill(await pidOf(Id), 'SIGSTOP');
    await stack.set({ mode: 'stable', version: before });
    await stack.serves(before, { timeoutMs: 10_000 });
    await stack.event(seq, 'rollback');
    await stack.event(seq, 'policy_denied', { question: 'rollback', proceeded: true });
    await stack.settled();
    await stack.left(1);
  });

  test('the first deploy is gated, too', async () => {
    const fresh = new Stack();
    try {
      await fresh.prepare();
      await fresh.setThresholds({ min_disk_free_gb: 9_000_000 });
      fresh.startController();
      await fresh.condition('PolicyAllowed', 'False');
      const roles = (await fresh.containers()).map((info) => labelOf(info, 'role'));
      expect(roles).toEqual(['policy']);
      await fresh.check();
    } finally {
      await fresh.dispose();
    }
  });
});

describe('law 5: new before old — a version that never gets healthy costs nobody a request', () => {
  const stack = useStack();
  const talkative =
    "for (let i = 1; i <= 80; i++) console.log('line ' + i); setTimeout(() => process.exit(3), 200)";

  const bad: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    [
      'one that exits',
      { version: '2', image: NODE, command: ['node', '-e', talkative], restart_policy: 'no' },
      /exit code 3/,
    ],
    [
      'one that crashes again and again',
      { version: '3', image: NODE, command: ['node', '-e', talkative], restart_policy: 'unless-stopped' },
      /restarted \d+ times|exit code 3/,
    ],
    [
      'one whose health check is answered 404',
      { version: '4', health: { path: '/nowhere', interval: '200ms', deadline: '2s' } },
      /it answered 404/,
    ],
    [
      'one that hangs',
      {
        version: '5',
        image: NODE,
        command: ['node', '-e', "require('net').createServer(() => {}).listen(3000)"],
        health: { interval: '200ms', timeout: '300ms', deadline: '3s' },
      },
      /did not answer in time|TIMEOUT/,
    ],
  ];

  test.each(bad)('%s', async (_what, change, words) => {
    const good = { ...stack.app };
    const before = await stack.replica();
    const seq = await stack.lastSeq();
    const load = new Load(`http://127.0.0.1:${String(stack.port)}/`);
    await stack.set(change);
    const failed = await stack.event(seq, 'replica_failed');
    expect(failed.message).toMatch(words);
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await stack.condition('Progressing', 'False', 'RolloutFailed');
    const version = String(change.version);
    await stack.until('the failed one is stopped', async () => {
      const [one] = (await stack.replicas()).filter((info) => labelOf(info, 'version') === version);
      return one?.State.Status === 'exited' || undefined;
    });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.versions.keys()]).toEqual(['1']);
    expect((await inspect(before.Id))?.State.Running).toBe(true);
    expect(await stack.eventsSince(seq, 'deploy')).toEqual([]);
    Object.assign(stack.manifest, { services: good });
    await stack.save();
    await stack.settled();
    await stack.left(1);
    expect((await stack.replica()).Id).toBe(before.Id);
  });

  test('one that the engine refuses to create leaves nothing behind, and works with what it refused mended', async () => {
    const good = { ...stack.app };
    const before = await stack.replica();
    const seq = await stack.lastSeq();
    const health = { interval: '200ms', deadline: '2s' };
    await stack.set({ version: '7', resources: { cpus: 500 }, health });
    const failed = await stack.event(seq, 'replica_failed');
    expect(failed).toMatchObject({ reason: 'CannotCreate', version: '7', log: [] });
    expect(failed.message).toContain('the engine refuses to create its container: Range of CPUs');
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    expect((await stack.replicas()).map(({ Id }) => Id)).toEqual([before.Id]);
    expect(await stack.servedVersion()).toBe('1');
    await stack.set({ resources: { cpus: 0.5 }, health: good['health'] });
    await stack.serves('7');
    await stack.settled();
    Object.assign(stack.manifest, { services: good });
    await stack.save();
    await stack.serves('1');
    await stack.settled();
    await stack.left(1);
  });

  test('its last 50 log lines are in the history, and it is not tried again until the spec changes, whoever restarts', async () => {
    await stack.set({ version: '6', image: NODE, command: ['node', '-e', talkative], restart_policy: 'no' });
    const seq = await stack.lastSeq();
    const failed = await stack.event(seq, 'replica_failed', { version: '6' });
    const log = failed.log as readonly string[];
    expect(log).toHaveLength(50);
    expect(log.at(-1)).toContain('line 80');
    await stack.condition('Stalled', 'True', 'RolloutFailed');

    const failedOne = (await stack.replicas()).find((info) => labelOf(info, 'version') === '6');
    await stack.kill9();
    const again = await stack.lastSeq();
    stack.startController();
    await stack.event(again, 'controller_started');
    await remove((await stack.replicas()).find((info) => labelOf(info, 'version') === '1')?.Id ?? '');
    await stack.event(again, 'drift_healed', { kind: 'removed' });
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    expect(await stack.eventsSince(again, 'replica_failed')).toEqual([]);
    const now = (await stack.replicas()).find((info) => labelOf(info, 'version') === '6');
    expect(now?.State.StartedAt).toBe(failedOne?.State.StartedAt);
    expect(await stack.servedVersion()).toBe('1');
  });

  test('then the fixed version deploys', async () => {
    stack.manifest.services = workload({ name: 'app', version: '7' });
    await stack.save();
    await stack.serves('7');
    await stack.settled();
    await stack.condition('Stalled', 'False');
    await stack.left(1);
  });

  test('a mended health check alone is a reason to try again', async () => {
    await stack.set({ version: '8', health: { path: '/nowhere', interval: '200ms', deadline: '2s' } });
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    await stack.set({ health: { interval: '200ms', timeout: '1s', deadline: '6s' } });
    await stack.serves('8');
    await stack.settled();
  });
});

describe('law 6: mine alone', () => {
  test('a container that has our name stays as it is, is named, and when it goes we go on', async () => {
    const stack = new Stack();
    try {
      await stack.prepare();
      const other = await foreign(stack, { name: `${stack.name}-proxy` });
      const { State } = await other.inspect();
      stack.startController();
      const { message } = await stack.condition('Stalled', 'True', 'NameOrPortTaken');
      expect(message).toContain(`${stack.name}-proxy`);
      await isUntouched(other.id, State.StartedAt);
      await remove(other.id);
      await stack.settled();
      expect(await stack.servedVersion()).toBe('1');
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });

  test('a container that took the name of ours while that was renamed stays as it is, and is named', async () => {
    const stack = new Stack();
    try {
      await stack.up();
      const replica = await stack.replica();
      const name = nameOf(replica);
      await stack.frozen(async () => {
        await docker.getContainer(replica.Id).rename({ name: `${stack.name}-somebody` });
        await foreign(stack, { name });
      });
      const { Id, State } = await docker.getContainer(name).inspect();
      const { message } = await stack.condition('Stalled', 'True', 'NameOrPortTaken');
      expect(message).toContain(`a container named ${name} exists (image ${NODE})`);
      expect(message).not.toMatch(/[0-9a-f]{64}/);
      await isUntouched(Id, State.StartedAt);
      await stack.serves('1');
      await remove(Id);
      await stack.settled();
      expect(nameOf(await stack.replica())).toBe(name);
      expect((await stack.replica()).Id).toBe(replica.Id);
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });

  test('a network that has our name stays as it is, is named, and when it goes we go on', async () => {
    const stack = new Stack();
    try {
      await stack.prepare();
      await docker.createNetwork({ Name: stack.name, Labels: { [TEST_LABEL]: stack.name } });
      stack.startController();
      const { message } = await stack.condition('Stalled', 'True', 'NameOrPortTaken');
      expect(message).toContain(`a network named ${stack.name}`);
      const roles = (await stack.containers()).map((info) => labelOf(info, 'role'));
      expect(roles.filter((role) => role !== 'policy')).toEqual([]);
      await docker.getNetwork(stack.name).remove();
      await stack.settled();
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });

  test.each(['a container', 'a process'])(
    'a port that %s has is named, and when it is free we go on',
    async (who) => {
      const stack = new Stack();
      const server = createServer();
      try {
        await stack.prepare();
        const other =
          who === 'a container' ? await foreign(stack, { network: 'bridge', port: stack.port }) : undefined;
        if (other === undefined) await once(server.listen(stack.port, '0.0.0.0'), 'listening');
        stack.startController();
        const { message } = await stack.condition('Stalled', 'True', 'NameOrPortTaken');
        const holder = who === 'a container' ? 'container ' : who;
        expect(message).toContain(`port ${String(stack.port)} is in use by ${holder}`);
        if (other === undefined) server.close();
        else {
          await isUntouched(other.id, (await other.inspect()).State.StartedAt);
          await remove(other.id);
        }
        await stack.settled();
        await stack.check();
      } finally {
        server.close();
        await stack.dispose();
      }
    },
  );

  test("what has no label of ours, on our own network, and another stack's, is left alone", async () => {
    const stack = new Stack();
    try {
      await stack.up();
      const guest = await foreign(stack, { name: `${stack.name}-app-stable-guest-1`, network: stack.name });
      const { State } = await guest.inspect();
      await stack.set({ version: '2' });
      await stack.serves('2');
      await stack.settled();
      await isUntouched(guest.id, State.StartedAt);
      await stack.check();
    } finally {
      await stack.dispose();
    }
  });
});

describe('law 7: say why', () => {
  const stack = useStack();

  test('every event and every condition that is not well has its reason in words', async () => {
    await stack.set({ version: '2' });
    const deploy = await stack.event(0, 'deploy', { version: '2' });
    expect(deploy).toMatchObject({
      service: 'app',
      version: '2',
      from: '1',
      cause: 'version changed from 1 to 2',
    });
    const status = await stack.settled();
    for (const { type, reason, message } of status.conditions) {
      expect(reason, type).toMatch(/^[A-Z]\w+$/);
      expect(message, type).not.toBe('');
    }
    const steps = stack.log.split('\n').filter((line) => line.endsWith(' ms'));
    expect(steps.length).toBeGreaterThan(0);
    for (const line of steps) expect(line).toMatch(/^✔ \w+ \S+: .{5,}/);
  });

  test('an answer of policy is in the status with its revision', async () => {
    const { policies } = await stack.settled();
    expect(policies).toContainEqual(expect.objectContaining({ question: 'replace', allow: true }));
  });
});

describe('law 8: not in the data path', () => {
  const stack = useStack({ services: workload({ name: 'app', replicas: 2 }) });

  test('with the controller gone, all containers come up on new addresses and in another order, and the stack serves', async () => {
    await stack.kill9();
    const all = await stack.containers();
    const addresses = all.map((info) => addressOn(info, stack.name)).filter((address) => address !== '');
    await Promise.all(all.map(({ Id }) => docker.getContainer(Id).stop({ t: 1 })));
    // Addresses are given out in turn: whoever comes first gets what the others had.
    const dummies = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        foreign(stack, { name: `${stack.name}-dummy-${String(n)}`, network: stack.name }),
      ),
    );
    const proxyFirst = [...all].sort((a) => (labelOf(a, 'role') === 'proxy' ? -1 : 1));
    for (const { Id } of proxyFirst) await docker.getContainer(Id).start();

    await stack.serves('1', { timeoutMs: 10_000 });
    const replicas = await stack.replicas();
    for (const info of replicas) expect(addresses).not.toContain(addressOn(info, stack.name));
    const answers = await Promise.all(Array.from({ length: 40 }, () => stack.get()));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));

    const before = await stack.ids();
    stack.startController();
    await stack.settled();
    expect(await stack.ids()).toEqual(before);
    for (const { id } of dummies) await remove(id);
  });

  test('what runs has a restart policy of the engine', async () => {
    for (const info of await stack.containers())
      expect(info.HostConfig.RestartPolicy?.Name, nameOf(info)).toBe('unless-stopped');
  });
});

describe('law 9: nothing secret is told', () => {
  const SECRET = 'planted-4711-hunter2';
  const stack = useStack({
    services: workload({ name: 'app', env: { DB_PASSWORD: SECRET, [`X_${SECRET.slice(0, 3)}`]: 'open' } }),
  });

  test('an environment value is nowhere: not in the status, not in the history, not in what is printed', async () => {
    const replica = await stack.replica();
    expect(replica.Config.Env).toContain(`DB_PASSWORD=${SECRET}`);
    await stack.set({ version: '2', env: { DB_PASSWORD: `${SECRET}-new` } });
    await stack.serves('2');
    const talkative =
      'console.error(`cannot connect to postgres://u:${process.env.DB_PASSWORD}@db`); process.exit(1)';
    const bad = { version: '3', image: NODE, command: ['node', '-e', talkative], restart_policy: 'no' };
    const seq = await stack.lastSeq();
    await stack.set(bad);
    await stack.condition('Stalled', 'True', 'RolloutFailed');
    const failed = await stack.event(seq, 'replica_failed', { version: '3' });
    expect(failed.log).toContain('cannot connect to postgres://u:‹DB_PASSWORD›@db');
    await stack.set({ image: WORKLOAD, command: undefined, version: '4', env: { DB_PASSWORD: [SECRET] } });
    await stack.condition('ManifestValid', 'False');

    const told = [
      await readFile(stack.statusPath, 'utf8'),
      await readFile(stack.historyPath, 'utf8'),
      stack.log,
      (await new CommandLine(stack.dir).run('audit')).stdout,
    ].join('\n');
    expect(told).not.toContain(SECRET);
  });

  test('the tokens of proxy and policy engine are nowhere either', async () => {
    const tokens = JSON.parse(
      await readFile(join(stack.dir, '.swiftdeploy', 'tokens.json'), 'utf8'),
    ) as object;
    const told = `${await readFile(stack.statusPath, 'utf8')}${await readFile(stack.historyPath, 'utf8')}${stack.log}`;
    for (const token of Object.values(tokens) as string[]) expect(told).not.toContain(token);
  });
});
