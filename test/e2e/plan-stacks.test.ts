/** What `plan` prints is what `run` then does, where there is more than one: stacks on an engine, services in a stack, ways to write a manifest. */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { PlanDocument } from '../../src/cli/plan/plan-document.js';
import { removeEverything } from '../support/damage.js';
import { remove } from '../support/engine.js';
import { worker, WORKLOAD, workload } from '../support/manifest.js';
import { expectSteps, kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

function targetsOf({ stages }: PlanDocument): readonly string[] {
  return stages.flatMap(({ chains }) => chains.flat()).map(({ target }) => target);
}

describe('two stacks on one engine', () => {
  const [one, other] = [new Stack(), new Stack()] as const;
  const both = new PlanAndRun(new CommandLine(one.dir));
  const theirs = new PlanAndRun(new CommandLine(other.dir));

  beforeAll(async () => {
    for (const stack of [one, other]) await stack.prepare();
    for (const stack of [both, theirs]) await stack.run();
  });
  afterAll(() => Promise.all([one.dispose(), other.dispose()]));

  test.each<[string, () => Promise<unknown>]>([
    ['another version of one', () => one.set({ version: '2' })],
    ['no proxy of one', async () => remove((await one.part('proxy')).Id)],
    ['nothing of one', () => removeEverything(one)],
  ])('%s: nothing of the other', async (_what, change) => {
    const before = await other.ids();
    await change();
    const plan = await both.expectPlanned();
    expect(targetsOf(plan).filter((target) => target.startsWith(other.name))).toEqual([]);
    expect(await theirs.planned()).toMatchObject({ changes: false, stages: [], drift: [] });
    expect(await other.ids()).toEqual(before);
  });

  test('another version of both at once', async () => {
    await Promise.all([one, other].map((stack) => stack.set({ version: '3' })));
    const plans = [await both.planned(), await theirs.planned()] as const;
    await Promise.all([both.expectTaken(plans[0]), theirs.expectTaken(plans[1])]);
  });

  test('a port of the other: both say whose it is, and the other keeps it', async () => {
    const before = await other.ids();
    const port = one.manifest.nginx.port;
    await one.edit(({ nginx }) => Object.assign(nginx, { port: other.port }));
    const whose = `port ${String(other.port)} is in use by container ${other.name}-proxy`;
    const plan = await both.planned();
    expect(plan.findings.map(({ message }) => message).join()).toContain(whose);
    await both.run(1);
    const { message } = await one.condition('Stalled', 'True', 'NameOrPortTaken');
    expect(message).toContain(whose);
    one.port = port;
    expect(await one.servedVersion()).toBe('3');
    expect(await other.ids()).toEqual(before);
    await one.edit(({ nginx }) => Object.assign(nginx, { port }));
    await both.expectPlanned();
  });
});

describe('many services in one stack', () => {
  const stack = new Stack({
    services: {
      web: workload({ version: 'w1', route: { path: '/' } }),
      api: workload({ version: 'a1', route: { host: 'api.example.com', path: '/' } }),
      admin: workload({ version: 'b1', route: { path: '/admin' } }),
      worker: worker('k1'),
    },
  });
  const both = new PlanAndRun(new CommandLine(stack.dir));
  const edit = (service: string, fields: object) =>
    stack.edit(({ services }) => Object.assign(services[service] as object, fields));

  beforeAll(() => stack.prepare());
  afterAll(() => stack.dispose());

  test('all of them, from nothing', async () => {
    const plan = await both.expectPlanned();
    expect(plan.services.map(({ name }) => name)).toEqual(['admin', 'api', 'web', 'worker']);
  });

  test.each<[string, string, object]>([
    ['another version of one that is routed by host', 'api', { version: 'a2' }],
    ['another version of a worker without a port', 'worker', { version: 'k2' }],
    ['more replicas of one', 'web', { replicas: 2 }],
    ['another path of one', 'admin', { route: { path: '/operators' } }],
  ])('%s: nothing of the others', async (_what, service, fields) => {
    await edit(service, fields);
    const plan = await both.expectPlanned();
    const changed = plan.services.filter(({ change }) => change !== 'none').map(({ name }) => name);
    expect(changed).toEqual([service]);
    const others = ['web', 'api', 'admin', 'worker'].filter((name) => name !== service);
    const touched = targetsOf(plan).filter((target) =>
      others.some((name) => target.startsWith(`${stack.name}-${name}-`)),
    );
    expect(touched).toEqual([]);
  });

  test('one whose image nobody has: what else is new goes to its end', async () => {
    await edit('api', { version: 'a3', image: 'nobody/has-this:1', pull: 'never' });
    await edit('web', { version: 'w2' });
    const plan = await both.planned();
    expect(plan.findings).toMatchObject([{ kind: 'image', target: 'nobody/has-this:1' }]);
    expectSteps(plan, await both.run(1));
    expect(await both.planned()).toMatchObject({ stages: [] });
    expect(await stack.servedVersion()).toBe('w2');
    await edit('api', { version: 'a2', image: WORKLOAD });
    await both.expectPlanned();
  });

  test('one that leaves the manifest', async () => {
    await stack.edit(({ services }) => {
      delete services.admin;
    });
    const plan = await both.expectPlanned();
    const changed = plan.services.filter(({ change }) => change !== 'none');
    expect(changed).toMatchObject([{ name: 'admin', change: 'removed' }]);
    expect(kindsOf(plan)).toContain('removeContainer');
  });
});

describe('one manifest, written in another way', () => {
  const stack = new Stack();
  const cli = new CommandLine(stack.dir);
  const both = new PlanAndRun(cli);
  const good = () => stringify(stack.manifest);
  const byName = () => {
    const { name, ...fields } = stack.manifest.services;
    return stringify({ ...stack.manifest, services: { [String(name)]: fields } });
  };

  beforeAll(async () => {
    await stack.prepare();
    await both.run();
  });
  afterAll(() => stack.dispose());

  test.each<[string, () => string]>([
    ['a byte order mark and CRLF', () => `\ufeff${good().replaceAll('\n', '\r\n')}`],
    ['a port in hexadecimal', () => good().replace('port: 3000', 'port: 0xBB8')],
    ['services by name', byName],
    ['comments', () => `# ours\n${good()}# end\n`],
  ])('%s: no step', async (_what, text) => {
    expect(text()).not.toBe(good());
    await writeFile(stack.manifestPath, text());
    const plan = await both.expectPlanned();
    expect(plan).toMatchObject({ changes: false, stages: [] });
  });

  test('one that is not valid: the last good one is in force, for both', async () => {
    const before = await stack.ids();
    await writeFile(stack.manifestPath, good().replace('port: 3000', 'port: 70000'));
    const page = await cli.run('plan');
    expect(page).toMatchObject({ code: 3, stderr: expect.stringMatching(TOO_HIGH) as string });
    expect(page.stdout).toMatch(/No changes\.\n\n! the manifest is not valid: this is for the last good one/);
    expect(await both.run(3)).toEqual([]);
    expect(await stack.ids()).toEqual(before);
  });

  test('while it is not valid, what is broken by hand is healed as planned', async () => {
    await remove((await stack.replica()).Id);
    const plan = await both.plannedTo(3, '--exit-code');
    expect(plan.manifest.problems).toEqual([expect.stringMatching(TOO_HIGH)]);
    expect(plan.drift.map(({ kind }) => kind)).toEqual(['removed']);
    expectSteps(plan, await both.run(3));
    expect(await both.plannedTo(3)).toMatchObject({ changes: false, stages: [] });
  });

  test('valid again: no step', async () => {
    await stack.save();
    expect(await both.expectPlanned()).toMatchObject({ changes: false });
  });
});

const TOO_HIGH = /65535 \(got 70000\)/;
