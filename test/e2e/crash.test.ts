/**
 * The crash matrix: `kill -9` in the very moment before an Engine call reaches the engine, and in the very moment after the engine
 * did it and before the controller hears so; then a new controller, which takes the steps that `plan` told before it, and the same
 * end state. A tap on the engine's socket knows these moments.
 */
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { docker, execIn, labelOf, nameOf, remove, removeAllOf, writeIn } from '../support/engine.js';
import { EngineTap, type Trap } from '../support/engine-tap.js';
import { expectSteps, kindsOf, PlanAndRun, stepsTold } from '../support/plan-and-run.js';
import { expectWhole, Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

type Call = Pick<Trap, 'method' | 'path'>;

const CALLS = {
  createNetwork: { method: 'POST', path: /^\/networks\/create/ },
  createVolume: { method: 'POST', path: /^\/volumes\/create/ },
  createContainer: { method: 'POST', path: /^\/containers\/create\?.*-app-/ },
  createPolicy: { method: 'POST', path: /^\/containers\/create\?.*-policy-/ },
  createProxy: { method: 'POST', path: /^\/containers\/create\?.*-proxy/ },
  putFiles: { method: 'PUT', path: /^\/containers\/[^/]+\/archive/ },
  loadPolicies: { method: 'PUT', path: /^\/containers\/[^/]+-policy-[^/]+\/archive/ },
  startContainer: { method: 'POST', path: /^\/containers\/[^/]+-app-[^/]+\/start/ },
  startPolicy: { method: 'POST', path: /^\/containers\/[^/]+-policy-[^/]+\/start/ },
  startProxy: { method: 'POST', path: /^\/containers\/[^/]+-proxy\/start/ },
  testConfiguration: { method: 'POST', path: /^\/exec\/[^/]+\/start/ },
  reload: { method: 'POST', path: /^\/containers\/[^/]+\/kill/ },
  stopContainer: { method: 'POST', path: /^\/containers\/[^/]+\/stop/ },
  removeContainer: { method: 'DELETE', path: /^\/containers\// },
  unpauseContainer: { method: 'POST', path: /^\/containers\/[^/]+\/unpause/ },
  renameContainer: { method: 'POST', path: /^\/containers\/[^/]+\/rename/ },
  updateContainer: { method: 'POST', path: /^\/containers\/[^/]+\/update/ },
  connectNetwork: { method: 'POST', path: /^\/networks\/[^/]+\/connect/ },
  restartContainer: { method: 'POST', path: /^\/containers\/[^/]+\/restart/ },
} satisfies Record<string, Call>;

type CallName = keyof typeof CALLS;

/** Its controllers print each step as a line of JSON. */
class ToldStack extends Stack {
  override readonly args = ['--log', 'json'];
}

const MOMENTS = ['before', 'after'] as const;

describe('kill -9 around every kind of step', () => {
  const stack = new ToldStack();
  const both = new PlanAndRun(new CommandLine(stack.dir));
  const tap = new EngineTap(join(stack.dir, 'engine.sock'));
  let version = 1;
  let contacts = 0;

  beforeAll(async () => {
    await stack.prepare();
    await tap.listen();
    await stack.set({ log_volume: `${stack.name}-logs` });
    stack.startController(tap.env);
    await stack.settled();
    await stack.left(1);
  });
  afterEach(() => stack.check());
  afterAll(async () => {
    await stack.dispose();
    tap.close();
  });

  /** Kills the controller around one call that `cause` leads to, starts the next, and looks at the end state. */
  async function crash(name: CallName, when: Trap['when'], cause: () => Promise<unknown>): Promise<void> {
    tap.set({ ...CALLS[name], when, spring: () => stack.controller?.kill9() });
    await cause();
    await stack.until(`the controller dies ${when} ${name}`, () => stack.controller?.end === 'SIGKILL');
    const plan = await both.planned();
    const next = stack.startController(tap.env);
    await stack.serves(String(version));
    await stack.settled();
    await stack.left(1);
    expectSteps(plan, stepsTold(next.log));
    if (when === 'before') expect(kindsOf(plan)).not.toEqual([]);
    await expectWhole(stack, ['policy', 'proxy', 'service/app/stable/1']);
    const app = await stack.replica();
    expect(app.State.Running).toBe(true);
    expect(labelOf(app, 'version')).toBe(String(version));
    expect(nameOf(app)).toMatch(/-app-stable-[0-9a-f]{8}-1$/);
  }

  async function nextVersion(): Promise<void> {
    version += 1;
    await stack.set({ version: String(version) });
  }

  /** A configuration of a shape that was never tested: another version alone may need no test. */
  async function nextContact(): Promise<void> {
    contacts += 1;
    await stack.edit((manifest) => {
      manifest.contact = `ops-${String(contacts)}@example.com`;
    });
  }

  /** As on a new machine: no container, no network, no volume, no state. */
  async function afresh(): Promise<void> {
    await stack.kill9();
    await removeAllOf(stack.name);
    await rm(join(stack.dir, '.swiftdeploy'), { recursive: true });
    await rm(stack.statusPath);
    stack.startController(tap.env);
  }

  const app = async () => docker.getContainer((await stack.replica()).Id);
  const causes: Readonly<Record<CallName, () => Promise<unknown>>> = {
    createNetwork: afresh,
    createVolume: afresh,
    createPolicy: afresh,
    loadPolicies: afresh,
    startPolicy: afresh,
    createProxy: afresh,
    startProxy: afresh,
    createContainer: nextVersion,
    startContainer: nextVersion,
    putFiles: nextVersion,
    testConfiguration: nextContact,
    reload: nextVersion,
    stopContainer: nextVersion,
    removeContainer: nextVersion,
    unpauseContainer: async () => (await app()).pause(),
    renameContainer: async () => (await app()).rename({ name: `${stack.name}-x${String(Date.now())}` }),
    updateContainer: async () => (await app()).update({ RestartPolicy: { Name: 'always' } }),
    connectNetwork: async () =>
      docker.getNetwork(stack.name).disconnect({ Container: (await stack.replica()).Id, Force: true }),
    restartContainer: async () => process.kill((await stack.replica()).State.Pid, 'SIGSTOP'),
  };

  const names = Object.keys(causes) as CallName[];
  const matrix = names.flatMap((name) => MOMENTS.map((when) => [when, name] as const));

  test.each(matrix)('%s %s', (when, name) => crash(name, when, causes[name]));

  test('while the first controller is only just starting', async () => {
    for (let kills = 0; kills < 5; kills++) {
      await stack.kill9();
      stack.startController(tap.env);
    }
    await stack.settled();
    await stack.left(1);
  });

  test('and all notes are lost, when the replica has been up for longer than it may take to start', async () => {
    const before = await stack.replica();
    await stack.until('it is older than its deadline', () =>
      Promise.resolve(Date.now() - Date.parse(before.State.StartedAt) > 6000),
    );
    const seq = await stack.lastSeq();
    await stack.kill9();
    await rm(join(stack.dir, '.swiftdeploy'), { recursive: true });
    stack.startController(tap.env);
    await stack.settled();
    expect(await stack.eventsSince(seq, 'replica_failed')).toEqual([]);
    expect((await stack.replica()).Id).toBe(before.Id);
    await stack.serves(String(version));
  });

  test('and older notes are put back: the version that serves stays the stable one beside the next canary', async () => {
    const notes = join(stack.dir, '.swiftdeploy');
    await cp(notes, `${notes}.backup`, { recursive: true });
    const old = version;
    await nextVersion();
    await stack.settled();
    await stack.left(1);
    const serving = await stack.replica();
    await stack.kill9();
    await rm(notes, { recursive: true });
    await rename(`${notes}.backup`, notes);
    const seq = await stack.lastSeq();
    const canary = { mode: 'canary', version: 'next', canary: { steps: [{ weight: 5, hold: '10m' }] } };
    await stack.set(canary);
    stack.startController(tap.env);
    await stack.event(seq, 'notes_outdated', { version: String(version), noted: String(old) });
    await stack.event(seq, 'canary_step', { version: 'next', weight: 5 });
    const stable = (await stack.replicas()).filter((info) => labelOf(info, 'track') === 'stable');
    expect(stable.map(({ Id }) => Id)).toEqual([serving.Id]);
    await stack.edit(({ services }) => {
      Object.assign(services, { mode: 'stable', version: String(version) });
      delete services.canary;
    });
    await stack.settled();
    await stack.left(1);
    expect((await stack.replica()).Id).toBe(serving.Id);
  });

  test('nothing of a throw-away policy check is left', async () => {
    const filters = { label: [`swiftdeploy.stack=${stack.name}`, 'swiftdeploy.role=check'] };
    await stack.until(
      'no check is left',
      async () => (await docker.listContainers({ all: true, filters })).length === 0,
    );
  });

  test('in the middle of writing the proxy configuration by hand, too', async () => {
    const { Id } = await stack.part('proxy');
    await stack.kill9();
    await writeIn(Id, '/etc/nginx/nginx.conf', 'events {');
    stack.startController(tap.env);
    await stack.settled();
    await stack.until('nginx has a good file again', async () => (await execIn(Id, ['true'])).code >= 0);
    await stack.serves(String(version));
    await remove((await stack.replica()).Id);
    await stack.serves(String(version));
  });
});
