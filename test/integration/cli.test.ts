/** The commands from deploy to teardown on the real engine, as a person types them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docker, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { PROGRAM } from '../support/program.js';
import { copyShippedPolicies } from '../support/shipped-policies.js';
import { until } from '../support/until.js';

const STACK = `swd-cli-${String(process.pid)}`;
const FOREIGN = `${STACK}-foreign`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let dir = '';
let port = 0;
const path = (name: string) => join(dir, name);

function start(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]): Ended => ({ ...said, code: code as number | null }));
  return { child, said, ended };
}

function swiftdeploy(...args: string[]): Promise<Ended> {
  return start(...args).ended;
}

async function edit(from: string | RegExp, to: string): Promise<void> {
  await writeFile(path('manifest.yaml'), (await readFile(path('manifest.yaml'), 'utf8')).replace(from, to));
}

async function threshold(name: string, value: number): Promise<void> {
  const file = path('policies/infrastructure/data.json');
  const data = JSON.parse(await readFile(file, 'utf8')) as { thresholds: Record<string, number> };
  await writeFile(file, JSON.stringify({ thresholds: { ...data.thresholds, [name]: value } }));
}

async function mode(): Promise<string | null> {
  const answer = await fetch(`http://127.0.0.1:${String(port)}/`);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  return answer.headers.get('x-mode');
}

async function leftOnEngine(): Promise<string[]> {
  const filters = { label: [`swiftdeploy.stack=${STACK}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  return [...containers.map(({ Names }) => Names.join()), ...networks.map(({ Name }) => Name)];
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd cli-'));
  port = await freePort();
  await copyShippedPolicies(dir);
  await threshold('max_cpu_load_per_core', 1000);
  await threshold('min_mem_free_percent', 1);
  await writeFile(
    path('manifest.yaml'),
    `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  mode: stable   # promotion is editing this word
  version: "1.0.0"
  health: { interval: 200ms, deadline: 4s }
nginx: { image: "nginx:latest", port: ${String(port)}, proxy_timeout: 30 }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(await freePort())} }
network: { name: ${STACK} }
`,
  );
  await docker.createContainer({ name: FOREIGN, Image: 'nginx:latest' });
});

afterAll(async () => {
  await removeAllOf(STACK);
  await docker.getContainer(FOREIGN).remove({ force: true });
  await rm(dir, { recursive: true, force: true });
});

describe('the commands, one after the other', () => {
  test('status before anything was deployed', async () => {
    expect(await swiftdeploy('status')).toMatchObject({ code: 1, stdout: '' });
  });

  test('deploy prints each step and serves', async () => {
    const { code, stdout, stderr } = await swiftdeploy('deploy');
    expect(stderr).toMatch(/✔ createContainer .*first deploy of app 1\.0\.0 \(deploy\)/);
    expect(stderr).toContain(`✔ ready at http://127.0.0.1:${String(port)}`);
    expect([code, stdout]).toEqual([0, '']);
    expect(await mode()).toBeNull();
    for (const name of ['state.json', 'tokens.json'])
      expect((await stat(path(`.swiftdeploy/${name}`))).mode & 0o777).toBe(0o600);
  });

  test('status, for people and for machines', async () => {
    // One after the other: each measures anew, and writes what it found.
    const page = await swiftdeploy('status');
    const json = await swiftdeploy('status', '-o', 'json');
    expect(page.stdout).toMatch(/✔ Ready.*\n.*controller not running/);
    expect(page.stdout).toMatch(/app +stable +1\.0\.0 +100 % +1\/1/);
    expect(JSON.parse(json.stdout)).toEqual(JSON.parse(await readFile(path('status.json'), 'utf8')));
    expect([page.code, json.code]).toEqual([0, 0]);
  });

  test('promote canary, by one word, and back', async () => {
    const before = await readFile(path('manifest.yaml'), 'utf8');
    const { code, stderr } = await swiftdeploy('promote', 'canary');
    expect(stderr).toContain('manifest.yaml:5 app: mode stable → canary');
    expect(code).toBe(0);
    expect(await mode()).toBe('canary');
    expect(await readFile(path('manifest.yaml'), 'utf8')).toBe(before.replace('stable', 'canary'));
    expect((await swiftdeploy('promote', 'stable')).code).toBe(0);
    expect(await mode()).toBeNull();
    expect(await readFile(path('manifest.yaml'), 'utf8')).toBe(before);
  });

  test('a denied promotion stays as a wish', async () => {
    await threshold('min_disk_free_gb', 1_000_000);
    const { code, stderr } = await swiftdeploy('promote', 'canary');
    expect(stderr).toMatch(/disk_free_gb is [\d.]+, minimum required is 1000000/);
    expect(code).toBe(2);
    expect(await readFile(path('manifest.yaml'), 'utf8')).toContain('mode: canary ');
    expect(await mode()).toBeNull();
    await threshold('min_disk_free_gb', 1);
    expect((await swiftdeploy('promote', 'stable')).code).toBe(0);
  });

  test('a version that dies says its last words, now and when asked again, and costs nobody a request', async () => {
    await edit('swift-deploy-1-node:latest', 'openpolicyagent/opa:latest-static\n  command: [run, --bad]');
    const { code, stderr } = await swiftdeploy('deploy');
    expect(stderr).toContain('Error: unknown flag: --bad');
    expect(code).toBe(1);
    const again = await swiftdeploy('deploy');
    expect(again.stderr).toContain('Error: unknown flag: --bad');
    expect(again.code).toBe(1);
    expect((await swiftdeploy('status')).stdout).toMatch(/✘ Stalled \(RolloutFailed\)/);
    expect(await mode()).toBeNull();
    await edit(/openpolicyagent\/opa:latest-static\n.*\n/, 'swift-deploy-1-node:latest\n');
  });

  test('where a controller runs, deploy and promote wait for it, and nobody else may be one', async () => {
    const controller = start('run', '--listen', 'off');
    await until('the controller is ready', () => controller.said.stderr.includes('✔ ready'));
    await edit('"1.0.0"', '"1.1.0"');
    const deployed = await swiftdeploy('deploy');
    expect(deployed.stderr).toContain('waiting for it');
    expect(deployed.stderr).toContain('✔ ready');
    const promoted = await swiftdeploy('promote', 'canary');
    expect(promoted.stderr).toContain('★ app 1.1.0 serves as canary');
    expect([deployed.code, promoted.code, await mode()]).toEqual([0, 0, 'canary']);
    const pid = String(controller.child.pid);
    const refused = await Promise.all([swiftdeploy('run'), swiftdeploy('teardown', '--yes')]);
    expect(refused.map(({ code }) => code)).toEqual([1, 1]);
    for (const { stderr } of refused) expect(stderr).toContain(`controlled by process ${pid}`);
    expect((await swiftdeploy('status')).stdout).toContain(`controller: process ${pid}`);
    await edit('3000', 'x');
    const bad = await swiftdeploy('deploy');
    expect(bad.stderr).toContain('services.port must be a whole number');
    expect(bad.code).toBe(3);
    await edit('port: x', 'port: 3000');
    controller.child.kill('SIGTERM');
    expect((await controller.ended).code).toBe(0);
  });

  test('Ctrl-C ends a deploy with 130', async () => {
    await edit('"1.1.0"', '"1.2.0"\n  command: ["-e", "setInterval(() => {}, 1000)"]');
    const deploying = start('deploy');
    await until('it is on its way', () => deploying.said.stderr.includes('createContainer'));
    deploying.child.kill('SIGINT');
    expect((await deploying.ended).code).toBe(130);
  });

  test('teardown asks, then removes what is ours, twice if need be', async () => {
    await edit('mode: canary', 'mode: [');
    const unasked = await swiftdeploy('teardown', '--clean');
    expect(unasked.stderr).toContain('add --yes');
    expect(unasked.code).toBe(1);
    const { code, stderr } = await swiftdeploy('teardown', '--clean', '--yes');
    expect(stderr).toContain(`✔ removed container ${STACK}-proxy`);
    expect(code).toBe(0);
    expect(await leftOnEngine()).toEqual([]);
    expect((await docker.getContainer(FOREIGN).inspect()).Name).toBe(`/${FOREIGN}`);
    expect((await readdir(dir)).sort()).toEqual(['history.jsonl', 'manifest.yaml', 'policies']);
    await edit('mode: [', 'mode: stable');
    expect((await swiftdeploy('teardown', '--clean', '--yes')).code).toBe(0);
  });
});
