/** What was and what is waited for, on the real engine: events, wait and audit beside a controller, as a person types them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containersOf, docker, labelOf, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { PROGRAM } from '../support/program.js';
import { copyShippedPolicies } from '../support/shipped-policies.js';
import { until } from '../support/until.js';

const STACK = `swd-hist-${String(process.pid)}`;

let dir = '';
const running = new Set<ChildProcess>();
const path = (name: string) => join(dir, name);

function start(...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ ...said, code: code as number | null }));
  return { child, said, ended };
}

function swiftdeploy(...args: string[]) {
  return start(...args).ended;
}

async function edit(name: string, from: string | RegExp, to: string): Promise<void> {
  await writeFile(path(name), (await readFile(path(name), 'utf8')).replace(from, to));
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd history-'));
  await copyShippedPolicies(dir);
  await edit(
    'policies/infrastructure/data.json',
    /"max_cpu_load_per_core": [\d.]+/,
    '"max_cpu_load_per_core": 1000',
  );
  await edit(
    'policies/infrastructure/data.json',
    /"min_mem_free_percent": [\d.]+/,
    '"min_mem_free_percent": 1',
  );
  await writeFile(
    path('manifest.yaml'),
    `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  mode: stable
  version: "1.0.0"
  health: { interval: 200ms, deadline: 8s }
nginx: { image: "nginx:latest", port: ${String(await freePort())}, proxy_timeout: 30 }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(await freePort())} }
network: { name: ${STACK} }
`,
  );
});

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await removeAllOf(STACK);
  await rm(dir, { recursive: true, force: true });
});

test('from before the first deploy to after the teardown', async () => {
  const follower = start('events', '--follow');
  const waiter = start('wait', '--for=condition=Ready', '--for=condition=Stalled=False', '--timeout=60s');
  const controller = start('run', '--listen', 'off');
  expect(await waiter.ended).toMatchObject({ code: 0, stdout: '' });
  await until('the deployment is told', () => follower.said.stdout.includes('★ app 1.0.0 serves'));

  await edit('manifest.yaml', '"1.0.0"', '"1.1.0"');
  const promoted = await swiftdeploy('wait', '--for=condition=ready', '--timeout=60s');
  expect(promoted.code).toBe(0);
  await until('the new version is told', () => follower.said.stdout.includes('★ app 1.1.0 serves'));

  const [replica] = (await containersOf(STACK)).filter((info) => labelOf(info, 'role') === 'service');
  await docker.getContainer(replica?.Id ?? '').remove({ force: true });
  await until('the drift is healed', () => follower.said.stdout.includes('✚ healed'));

  controller.child.kill('SIGTERM');
  await controller.ended;
  const gone = start('wait', '--for=delete', '--timeout=60s');
  expect((await swiftdeploy('teardown', '--yes')).code).toBe(0);
  expect(await gone.ended).toMatchObject({ code: 0 });
  await until('the teardown is told', () => follower.said.stdout.includes('teardown: '));
  follower.child.kill('SIGINT');
  expect((await follower.ended).code).toBe(130);

  const all = await swiftdeploy('events');
  expect(all.stdout).toBe(follower.said.stdout);
  expect(await swiftdeploy('audit')).toMatchObject({ code: 0, stdout: `${path('audit_report.md')}\n` });
  const page = await readFile(path('audit_report.md'), 'utf8');
  expect(page).toMatch(/\| 1 \| app 1\.0\.0 \| ✔ serves \| [\d.]+ (?:s|ms) \|/);
  expect(page).toMatch(/\| 2 \| app 1\.1\.0 \| ✔ serves \| [\d.]+ (?:s|ms) \|/);
  expect(page).toMatch(/removed: .* is gone \| made again \| /);

  await edit('history.jsonl', '"version":"1.0.0"', '"version":"9.9.9"');
  const broken = await swiftdeploy('audit');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('✘ The history cannot be trusted: history.jsonl, line');
});
