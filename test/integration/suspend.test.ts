/** Suspend and resume as a person types them, with no controller that runs: on record, shown, and in the way of what changes things. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { containersOf, docker, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { manifestOf, workload } from '../support/manifest.js';
import { checkRecords, readHistory, readStatus } from '../support/records.js';
import { acquire } from '../support/stack-lock.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const STACK = `swd-suspend-${String(process.pid)}`;

let cli: CommandLine;

async function edit(from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(cli.path('manifest.yaml'), 'utf8');
  await writeFile(cli.path('manifest.yaml'), text.replace(from, to));
}

/** `suspended ana@host`: who is cut where it is a person. */
async function told(): Promise<string[]> {
  const events = await readHistory(cli.path('history.jsonl'));
  return events
    .filter(({ event }) => event === 'suspended' || event === 'resumed')
    .map(({ event, who }) => `${event} ${String(who).replace(/^.+@.+$/, 'person')}`);
}

async function condition(name: string) {
  const status = await readStatus(cli.path('status.json'));
  return status?.conditions.find(({ type }) => type === name);
}

beforeAll(async () => {
  cli = new CommandLine(await scratchFolder());
  const ports = { proxy: await freePort(), opa: await freePort() };
  await writeFile(cli.path('manifest.yaml'), stringify(manifestOf(STACK, ports, workload({ name: 'app' }))));
  await cli.succeed('deploy');
});

afterEach(() => checkRecords(cli.path('status.json'), cli.path('history.jsonl')));

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

test('a reason that says nothing, and a service that nobody knows, are refused', async () => {
  const silent = await cli.run('suspend', '--why', ' \t-');
  expect([silent.code, silent.stderr]).toEqual([1, expect.stringContaining('say why')]);
  const unknown = await cli.run('suspend', 'api', '--why', 'x');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('the stack has app')]);
  expect(await told()).toEqual([]);
});

test('where nobody knows a stack, none is suspended nor resumed, and nothing is made', async () => {
  const elsewhere = new CommandLine(await mkdtemp(join(tmpdir(), 'swd nothing-')));
  await mkdir(elsewhere.path('inner/dir.yaml'), { recursive: true });
  await symlink('gone.yaml', elsewhere.path('inner/link.yaml'));
  const before = await readdir(elsewhere.dir, { recursive: true });
  const names = ['manifest.yaml', 'inner/dir.yaml', 'inner/link.yaml', 'inner/no.yaml/x', 'inner/'];
  for (const name of names) {
    for (const words of [['suspend', '--why', 'x'], ['resume']]) {
      const { code, stderr } = await elsewhere.run(...words, '-f', name);
      expect([code, stderr]).toEqual([1, expect.stringContaining('which stack? ')]);
    }
  }
  expect(await readdir(elsewhere.dir, { recursive: true })).toEqual(before);
  await rm(elsewhere.dir, { recursive: true });
});

test('what a person suspends is on record and shown, and nothing goes on', async () => {
  const { stderr } = await cli.succeed('suspend', '--why', 'INC-42: the disk\nis\u001b[2J swapped');
  expect(stderr).toMatch(/the stack is suspended by .+@.+ since .+: "INC-42: the disk is swapped"/);
  expect(stderr).toContain('no controller runs');
  expect(await told()).toEqual(['suspended person']);
  expect(await condition('Suspended')).toMatchObject({ status: 'True', reason: 'ByPerson' });
  expect(await condition('Ready')).toMatchObject({ status: 'True', reason: 'Settled' });
  expect((await cli.run('status')).stdout).toContain(
    '! SUSPENDED, nothing of it is changed or healed: the stack',
  );

  const manifest = await readFile(cli.path('manifest.yaml'), 'utf8');
  for (const command of [['deploy'], ['promote', 'canary'], ['rollout', 'abort']]) {
    const refused = await cli.run(...command);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('INC-42')]);
  }
  expect(await readFile(cli.path('manifest.yaml'), 'utf8')).toBe(manifest);
});

test('plan says that nothing is done, and what is held back', async () => {
  await edit(/version: .*/, 'version: "2"');
  const { stdout } = await cli.succeed('plan');
  expect(stdout).toContain('No changes; held back: 8 steps.');
  expect(stdout).toContain('held back while the stack is suspended:');
  expect(stdout).toContain('version changed from 1 to 2 (replace)');
  expect(stdout).toContain('version: 1 → 2');
});

test('run --once does nothing of it, and says whose word that is', async () => {
  const before = (await containersOf(STACK)).map(({ Id }) => Id);
  const { code, stdout, stderr } = await cli.run('run', '--once');
  expect([code, stdout + stderr]).toEqual([
    1,
    expect.stringMatching(/✘ the stack is suspended by .+; to go on, run/),
  ]);
  expect((await containersOf(STACK)).map(({ Id }) => Id)).toEqual(before);
  expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
  expect(await condition('Reconciling')).toMatchObject({ status: 'False', reason: 'Suspended' });
  expect(await told()).toEqual(['suspended person']);
});

test('said again with other words it is told again; a file that cannot be believed ends nothing', async () => {
  await cli.succeed('suspend', '--why', 'INC-43');
  expect(await told()).toEqual(['suspended person', 'suspended person']);
  const path = cli.path('.swiftdeploy/suspend.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.slice(0, 20));
  expect((await cli.run('deploy')).stderr).toContain('INC-43');
  await writeFile(path, text);
});

test('a resume lets what was withheld go on', async () => {
  const other = await cli.run('resume', 'app');
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('the stack is suspended')]);
  await cli.succeed('resume');
  expect((await told()).at(-1)).toBe('resumed person');
  expect(await condition('Suspended')).toBeUndefined();
  await cli.succeed('deploy');
  expect(await condition('Ready')).toMatchObject({ status: 'True' });
  expect((await cli.succeed('resume')).stderr).toContain('nothing is suspended');
});

test('where the stack is controlled from another folder, no word is left', async () => {
  const { ID: engine } = (await docker.info()) as { ID: string };
  await acquire(`${engine}/${STACK}`, process.platform);
  const path = cli.path('.swiftdeploy/suspend.json');
  const before = await readFile(path, 'utf8').catch(() => undefined);
  const refused = await cli.run('suspend', '--why', 'from here');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('from another manifest')]);
  expect(await readFile(path, 'utf8').catch(() => undefined)).toBe(before);
});

test('a suspend for a time ends by itself', async () => {
  await cli.succeed('suspend', 'app', '--why', 'a moment', '--for', '2s');
  await until('deploy is not refused any more', async () => (await cli.run('promote', 'stable')).code === 0);
  expect((await told()).slice(-2)).toEqual(['suspended person', 'resumed time']);
});

test('without an engine the word is left, and told by whoever comes next', async () => {
  const seq = (await told()).length;
  const blind = new CommandLine(cli.dir, { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  const { stderr } = await blind.succeed('suspend', '--why', 'the engine is updated');
  expect(stderr).toContain('nobody knows whether a controller runs');
  expect((await cli.run('run', '--once')).code).toBe(0);
  expect((await told()).slice(seq)).toEqual(['suspended person']);
  await cli.succeed('resume');
});

test('the manifest suspends, and the edit that ends it is deployed', async () => {
  await edit(/^/, 'suspend: true\n');
  const refused = await cli.run('deploy');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('by the manifest (suspend: true)'),
  ]);
  const { code, stderr } = await cli.run('resume');
  expect([code, stderr]).toEqual([1, expect.stringContaining('take suspend: true out of the manifest')]);
  await edit('suspend: true\n', 'suspend: false\n');
  await cli.succeed('deploy');
});

test('a teardown works all the same', async () => {
  await cli.succeed('suspend', '--why', 'the end');
  await cli.succeed('teardown', '--yes');
  expect(await containersOf(STACK)).toEqual([]);
});
