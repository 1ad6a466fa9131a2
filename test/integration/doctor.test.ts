/** `swiftdeploy doctor` on the real engine: what it sees of the machine, of other stacks and of the files beside the manifest. */
import { appendFile, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ChecksDocument } from '../../src/cli/checks/print-checks.js';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { acquireStackLock, type StackLock } from '../../src/controller/stack-lock.js';
import { docker, removeAllOf } from '../support/engine.js';
import { documentedChecks } from '../support/documented-checks.js';
import { freePort } from '../support/free-port.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import schema from '../../schema/checks.schema.json' with { type: 'json' };

const STACK = `swd-doctor-${String(process.pid)}`;
const OTHER = `${STACK}-other`;
const isValid = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);

let shell: CommandLine;

async function doctor(): Promise<{ code: number | null; document: ChecksDocument }> {
  const { code, stdout } = await shell.run('doctor', '-o', 'json');
  const document = JSON.parse(stdout) as ChecksDocument;
  isValid(document);
  expect(isValid.errors).toBeNull();
  return { code, document };
}

function check({ checks }: ChecksDocument, name: string) {
  return checks.find((one) => one.name === name);
}

/** What is said about one stack among the leftovers of this machine. */
function leftover(document: ChecksDocument, stack: string) {
  return check(document, 'leftovers')?.items?.filter(({ found }) => found.includes(`stack ${stack}:`));
}

/** Limits that every machine keeps, but for those given. */
async function limits(changed: Record<string, number> = {}): Promise<void> {
  const thresholds = {
    min_disk_free_gb: 0,
    min_disk_free_gb_heal: 0,
    max_cpu_load_per_core: 1000,
    min_mem_free_percent: 0,
    ...changed,
  };
  await writeFile(shell.path('policies/infrastructure/data.json'), JSON.stringify({ thresholds }));
}

/** A manifest, and a state directory as a controller leaves it. */
async function writeStack(): Promise<void> {
  await mkdir(shell.path('.swiftdeploy'), { mode: 0o700, recursive: true });
  await writeFile(shell.path('.swiftdeploy/tokens.json'), '{}', { mode: 0o600 });
  await writeFile(
    shell.path('manifest.yaml'),
    `name: ${STACK}
services: { image: "swift-deploy-1-node:latest", port: 3000, mode: stable, version: "1.0.0" }
nginx: { image: "nginx:latest", port: ${String(await freePort())} }
opa: { port: ${String(await freePort())} }
network: { name: ${STACK} }
`,
  );
}

async function hold(stack: string, manifest: string): Promise<StackLock> {
  const { ID } = (await docker.info()) as { readonly ID: string };
  const lock = await acquireStackLock(`${ID}/${stack}`, {
    pid: 4711,
    startedAt: '2026-05-05T20:55:22Z',
    manifest,
  });
  if ('heldBy' in lock) throw new Error('somebody has the lock of a test');
  return lock;
}

beforeAll(async () => {
  shell = new CommandLine(await scratchFolder());
  await limits();
});

afterEach(async () => {
  await removeAllOf(OTHER);
});

afterAll(async () => {
  // Its records are broken by hand: `dispose` would say so.
  await rm(shell.dir, { recursive: true, force: true });
});

test('without a manifest only the machine is looked at', async () => {
  await rm(shell.path('manifest.yaml'), { force: true });
  const { code, document } = await doctor();
  const names = documentedChecks('doctor');
  expect(document.checks.map(({ name }) => name)).toEqual(names.slice(0, names.indexOf('manifest') + 1));
  expect(check(document, 'disk')?.found).toMatch(/^[\d.]+ GB free at \//);
  expect(check(document, 'manifest')).toMatchObject({ result: 'skipped' });
  expect(check(document, 'clock')?.result).toBe('ok');
  expect(code).toBe(0);
});

test('the limits are those of the policies: a full disk fails, little memory only warns', async () => {
  await limits({ min_disk_free_gb: 10_000_000, min_mem_free_percent: 101 });
  const { code, document } = await doctor();
  await limits();
  expect(check(document, 'disk')).toMatchObject({ result: 'fail' });
  expect(check(document, 'disk')?.found).toContain('nothing is deployed below 10000000 GB');
  expect(check(document, 'memory')).toMatchObject({ result: 'warn' });
  expect(code).toBe(1);
});

test('what another stack left is listed with its clean-up, unless somebody controls it', async () => {
  const labels = { 'swiftdeploy.stack': OTHER };
  const parts = { Labels: { ...labels, 'swiftdeploy.role': 'proxy' }, name: `${OTHER}-proxy` };
  await docker.createContainer({ ...parts, Image: 'nginx:latest' });
  await docker.createNetwork({ Name: `${OTHER}-net`, Labels: labels });
  await docker.createVolume({ Name: `${OTHER}-data`, Labels: labels });
  const { code, document } = await doctor();
  expect(leftover(document, OTHER)).toEqual([
    {
      result: 'warn',
      found: `stack ${OTHER}: container ${OTHER}-proxy, network ${OTHER}-net; nothing of it runs`,
      cure: `if nobody needs it: docker rm -f ${OTHER}-proxy && docker network rm ${OTHER}-net`,
    },
    {
      result: 'warn',
      found: `stack ${OTHER}: volume ${OTHER}-data; its data is lost with what is removed`,
      cure: `if nobody needs the data: docker volume rm ${OTHER}-data`,
    },
  ]);
  expect(code).toBe(0);
  const lock = await hold(OTHER, '/elsewhere/manifest.yaml');
  try {
    expect(leftover((await doctor()).document, OTHER) ?? []).toEqual([]);
  } finally {
    await lock.release();
  }
});

test('a stack with everything in order, and who controls it', async () => {
  await writeStack();
  const lock = await hold(STACK, shell.path('manifest.yaml'));
  const { code, document } = await doctor().finally(() => lock.release());
  expect(check(document, 'controller')).toMatchObject({
    result: 'ok',
    found: expect.stringContaining('controlled by process 4711') as string,
  });
  expect(document.checks.map(({ name }) => name)).toEqual(documentedChecks('doctor'));
  const rest = ['manifest', 'state', 'history', 'nginx port', 'opa port', 'images'];
  expect(rest.map((name) => check(document, name)?.result)).toEqual(rest.map(() => 'ok'));
  expect(check(document, 'registries')?.result).toMatch(/^(ok|warn)$/);
  expect(code).toBe(0);
});

test('a controller that follows another manifest is a warning', async () => {
  await writeStack();
  const lock = await hold(STACK, '/elsewhere/manifest.yaml');
  const { document } = await doctor().finally(() => lock.release());
  expect(check(document, 'controller')).toMatchObject({ result: 'warn' });
});

test('tokens that others can read, and a changed history, fail; a torn line only warns', async () => {
  await writeStack();
  await chmod(shell.path('.swiftdeploy'), 0o755);
  await chmod(shell.path('.swiftdeploy/tokens.json'), 0o644);
  const log = await HistoryLog.open(shell.path('history.jsonl'));
  for (const mode of ['error', 'slow', 'recover']) await log.append({ event: 'chaos', mode });
  await log.close();
  const whole = await readFile(shell.path('history.jsonl'), 'utf8');
  await writeFile(shell.path('history.jsonl'), whole.replace('slow', 'fast'));
  const { code, document } = await doctor();
  const open = check(document, 'state')?.items?.filter(({ result }) => result === 'fail');
  expect(open?.map(({ cure }) => cure)).toEqual([
    `chmod 700 '${shell.path('.swiftdeploy')}'`,
    `chmod 600 '${shell.path('.swiftdeploy/tokens.json')}'`,
  ]);
  expect(check(document, 'history')).toMatchObject({
    result: 'fail',
    found: expect.stringContaining('event 3 does not follow the line before it') as string,
  });
  expect(code).toBe(1);
  await chmod(shell.path('.swiftdeploy'), 0o700);
  await chmod(shell.path('.swiftdeploy/tokens.json'), 0o600);
  await writeFile(shell.path('history.jsonl'), whole);
  await appendFile(shell.path('history.jsonl'), '{"seq":');
  const { size } = await stat(shell.path('history.jsonl'));
  const mended = await doctor();
  expect(check(mended.document, 'state')?.result).toBe('ok');
  expect(check(mended.document, 'history')).toMatchObject({ result: 'warn' });
  expect((await stat(shell.path('history.jsonl'))).size).toBe(size);
  expect(mended.code).toBe(0);
});

test('without an engine the rest is still looked at', async () => {
  await writeStack();
  const nowhere = new CommandLine(shell.dir, { DOCKER_HOST: 'unix:///no/such/engine.sock' });
  const { code, stdout } = await nowhere.run('doctor');
  expect(stdout).toMatch(/^✘ engine .*\n {2}→ start it/);
  expect(stdout).toMatch(/\n- disk +not checked: no engine\n✔ memory/);
  expect(stdout).toMatch(/\n✔ state /);
  expect(code).toBe(1);
});
