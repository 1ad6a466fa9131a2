/** What `promote` refuses, warns of and puts back, and what `teardown` asks, on the real engine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StateStore } from '../../src/reconcilers/stack-state.js';
import { docker, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { PROGRAM } from '../support/program.js';
import { copyShippedPolicies } from '../support/shipped-policies.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STACK = `swd-prm-${String(process.pid)}`;
const ENV = { ...process.env, NO_COLOR: '1' };

let dir = '';
const path = (name: string) => join(dir, name);

async function swiftdeploy(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: dir, env: ENV, stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

async function threshold(name: string, value: number): Promise<void> {
  const file = path('policies/infrastructure/data.json');
  const data = JSON.parse(await readFile(file, 'utf8')) as { thresholds: Record<string, number> };
  await writeFile(file, JSON.stringify({ thresholds: { ...data.thresholds, [name]: value } }));
}

/** For want of requests. */
const NEVER_PROVEN = '{ steps: [{ weight: 20, hold: 1s }], deadline: 1s }';

async function rejectUndecided(): Promise<void> {
  const file = path('policies/canary/data.json');
  const data = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...data, on_deadline: 'rollback' }));
}

/** Of the version in the manifest; past its deadline. */
async function undecidedCanary(): Promise<void> {
  expect((await swiftdeploy('promote', 'canary', '--service', 'app')).code).toBe(0);
  await until('its deadline is over', async () => Date.now() - (await servedSinceMs()) > 1000);
}

/** Since when the canary has its share. */
async function servedSinceMs(): Promise<number> {
  const { state } = await new StateStore(path('.swiftdeploy')).peek();
  return state.memory.services.app?.rollout?.since ?? Number.POSITIVE_INFINITY;
}

function refusal(version: string): RegExp {
  return new RegExp(
    `app ${version}: .*undecided for .*another version, or "swiftdeploy rollout retry"\\. Nothing was changed\\.`,
  );
}

async function edit(from: string, to: string): Promise<void> {
  const text = await manifest();
  await writeFile(path('real/manifest.yaml'), text.replace(from, to));
}

function manifest(): Promise<string> {
  return readFile(path('real/manifest.yaml'), 'utf8');
}

async function containers(): Promise<number> {
  const filters = { label: [`swiftdeploy.stack=${STACK}`] };
  return (await docker.listContainers({ all: true, filters })).length;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd promote-'));
  await copyShippedPolicies(dir);
  await threshold('max_cpu_load_per_core', 1000);
  await threshold('min_mem_free_percent', 1);
  await mkdir(path('real'));
  const text = `# who: ops
services:
  worker: { image: "swift-deploy-1-node:latest", health: false }
  app:
    image: &image swift-deploy-1-node:latest
    port: 3000
    route: { path: / }
    "mode":   'stable'   # promotion is editing this word
    version: "1.0.0"
nginx: { image: "nginx:latest", port: ${String(await freePort())} }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(await freePort())} }
network: { name: ${STACK} }`;
  await writeFile(path('real/manifest.yaml'), text.replaceAll('\n', '\r\n'));
  await chmod(path('real/manifest.yaml'), 0o640);
  if (process.getuid?.() === 0) await chown(path('real/manifest.yaml'), 1234, 1234);
  await symlink('real/manifest.yaml', path('manifest.yaml'));
});

afterAll(async () => {
  await removeAllOf(STACK);
  await rm(dir, { recursive: true, force: true });
});

describe('promote, then teardown', () => {
  test('a canary of what was never deployed is refused', async () => {
    const { code, stderr } = await swiftdeploy('promote', 'canary', '--service', 'app');
    expect(stderr).toContain('app was never deployed from here');
    expect([code, await containers()]).toEqual([1, 0]);
  });

  test('deploy -o json ends with one document, and tells what the policies looked at', async () => {
    const { code, stdout, stderr } = await swiftdeploy('deploy', '-o', 'json');
    const read = async (name: string) =>
      JSON.parse(await readFile(join(ROOT, `schema/${name}.schema.json`), 'utf8')) as SchemaObject;
    const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
    const validate = ajv.addSchema(await read('status')).compile(await read('deploy'));
    const document = JSON.parse(stdout) as { exitCode: number; url: string; conditions: unknown[] };
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    expect([code, document.exitCode]).toEqual([0, 0]);
    expect(document.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
    expect((await fetch(document.url)).status).toBe(200);
    const answers = stderr.split('\n').filter((line) => line.includes('PASS infrastructure (deploy)'));
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatch(/disk_free_gb [\d.]+ \(limit \d+\)/);
  });

  test('a service must be named, and have a route', async () => {
    expect((await swiftdeploy('promote', 'canary')).stderr).toContain(
      'say which with --service (app, worker)',
    );
    const { code, stderr } = await swiftdeploy('promote', 'canary', '--service', 'worker');
    expect(stderr).toMatch(/worker has no route: .*Nothing was changed\./);
    expect(code).toBe(1);
  });

  test('denied with --no-keep, the manifest is as it was: bytes, mode, owner and link', async () => {
    const before = await manifest();
    const owner = await stat(path('real/manifest.yaml'));
    await threshold('min_disk_free_gb', 1_000_000);
    const args = ['canary', '--service', 'app', '--no-keep', '-o', 'json'];
    const { code, stdout, stderr } = await swiftdeploy('promote', ...args);
    expect(stderr).toMatch(/FAIL infrastructure \(start_canary\): .*disk_free_gb [\d.]+ \(limit 1000000\)/);
    expect(stderr).toMatch(/! disk_free_gb is [\d.]+, minimum required is 1000000/);
    expect(stderr).toContain('manifest.yaml:8 app: mode stable again, as it was');
    expect([code, (JSON.parse(stdout) as { exitCode: number }).exitCode]).toEqual([2, 2]);
    expect(await manifest()).toBe(before);
    const { mode, uid, gid } = await stat(path('real/manifest.yaml'));
    expect([mode, uid, gid]).toEqual([owner.mode, owner.uid, owner.gid]);
    expect((await lstat(path('manifest.yaml'))).isSymbolicLink()).toBe(true);
    expect((await swiftdeploy('status', '-o', 'json')).code).toBe(0);
  });

  test('denied without it, the request stays; what else is deployed is said', async () => {
    await edit('nginx: {', 'contact: "ops@example.com"\r\nnginx: {');
    const before = await manifest();
    const { code, stderr } = await swiftdeploy('promote', 'canary', '--service', 'app');
    expect(stderr).toContain('the manifest has other changes, which are deployed too: contact');
    expect(stderr).toContain('manifest.yaml:8 keeps the request: deploy asks again');
    expect(code).toBe(2);
    expect(await manifest()).toBe(before.replace(`'stable'`, `'canary'`));
    await threshold('min_disk_free_gb', 1);
    const again = await swiftdeploy('promote', 'canary', '--service', 'app');
    expect(again.stderr).toContain('app is in mode canary already');
    expect(again.stderr).toContain('★ app 1.0.0 serves as canary');
    expect(again.code).toBe(0);
  });

  test('a canary that is taken back at its promotion is denied, and the request stays', async () => {
    await edit(`'canary'`, `'stable'`);
    await rejectUndecided();
    expect((await swiftdeploy('deploy')).code).toBe(0);
    await edit('version: "1.0.0"', `version: "1.1.0"\r\n    canary: ${NEVER_PROVEN}`);
    const before = await manifest();
    await undecidedCanary();
    const { code, stdout, stderr } = await swiftdeploy('promote', 'stable', '--service', 'app', '-o', 'json');
    expect(stderr).toMatch(/✘ app 1\.1\.0: .*undecided for \d+ s.*is not tried again/);
    expect(stderr).toContain('manifest.yaml:8 keeps the request: it is tried again as another version');
    expect([code, (JSON.parse(stdout) as { exitCode: number }).exitCode]).toEqual([2, 2]);
    expect(await manifest()).toBe(before);
  });

  test('a canary that was taken back is no canary again', async () => {
    const before = await manifest();
    const { code, stderr } = await swiftdeploy('promote', 'canary', '--service', 'app');
    expect(stderr).toMatch(refusal('1.1.0'));
    expect([code, await manifest()]).toEqual([1, before]);
  });

  test('one that is taken back at its promotion with --no-keep: the manifest is as it was', async () => {
    await edit('version: "1.1.0"', 'version: "1.2.0"');
    await undecidedCanary();
    const before = await manifest();
    const { code, stderr } = await swiftdeploy('promote', 'stable', '--service', 'app', '--no-keep');
    expect(stderr).toMatch(/✘ app 1\.2\.0: .*undecided for \d+ s.*is not tried again/);
    expect(stderr).toContain('manifest.yaml:8 app: mode canary again, as it was');
    expect(code).toBe(2);
    expect(await manifest()).toBe(before);
  });

  test('a canary that was taken back is not promoted', async () => {
    const before = await manifest();
    const { code, stderr } = await swiftdeploy('promote', 'stable', '--service', 'app');
    expect(stderr).toMatch(refusal('1.2.0'));
    expect([code, await manifest()]).toEqual([1, before]);
  });

  test('teardown on a terminal asks: no and Ctrl-C change nothing, yes removes and says what it leaves', async () => {
    const count = await containers();
    const no = await onTerminal('n\n');
    expect(no.said).toContain('nothing was removed');
    expect(no.code).toBe(1);
    expect(await onTerminal('\x03')).toMatchObject({ code: 130 });
    expect(await containers()).toBe(count);
    const { code, said } = await onTerminal('y\n');
    expect(said).toMatch(/Of stack .*, this will be removed:\r?\n {2}container/);
    expect(said).toContain(
      'left: images; history.jsonl; status.json and the state directory (remove with --clean)',
    );
    expect([code, await containers()]).toEqual([0, 0]);
  });
});

/** `teardown` on a terminal of its own (script(1)), answered when it asks. */
async function onTerminal(answer: string) {
  const command = [process.execPath, PROGRAM, 'teardown'].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: dir, env: ENV, stdio: 'pipe' });
  const heard = { said: '' };
  child.stdout.on('data', (chunk: Buffer) => (heard.said += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  await until('it asks', () => heard.said.includes('[y/N]'), { explain: () => heard.said });
  child.stdin.write(answer);
  const [code] = await closed;
  return { code, said: heard.said };
}
