/** The policy engine of a live stack: who can talk to it, from everywhere it might be tried, and where its token is not. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { lookAtManifest } from '../../src/cli/checks/manifest-look.js';
import { lookAtIsolation } from '../../src/cli/doctor/isolation/look-at-isolation.js';
import { connectEngine } from '../../src/reconcilers/docker/connect.js';
import { instanceToken } from '../../src/reconcilers/policy/instance-token.js';
import { manifestOf, workload } from '../support/manifest.js';
import { containersOf, docker, labelOf, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const STACK = `swd-isolation-${String(process.pid)}`;
/** Several commands in a row, on a machine that may be busy. */
const OPA = 'openpolicyagent/opa:latest-static';

interface CheckDocument {
  readonly checks: readonly { readonly name: string }[];
}

let cli: CommandLine;

/** What `doctor` says of it, by the same code. */
async function isolation() {
  const look = await lookAtManifest(cli.path('manifest.yaml'));
  if (look.stack === undefined) throw new Error('the manifest is not valid');
  const place = { engine: connectEngine(process.env), isLocal: true, stack: look.stack };
  return lookAtIsolation(place, new AbortController().signal);
}

/** A container that says it is the stack's policy engine, on a network of the stack, without any guard. */
async function nakedOpa(network: string): Promise<string> {
  const { id } = await docker.createContainer({
    name: `${STACK}-naked`,
    Image: OPA,
    Cmd: ['run', '--server', '--addr=0.0.0.0:8181', '--skip-version-check'],
    Labels: { 'swiftdeploy.stack': STACK, 'swiftdeploy.role': 'policy' },
    HostConfig: { NetworkMode: network },
  });
  await docker.getContainer(id).start();
  const { NetworkSettings } = await docker.getContainer(id).inspect();
  const url = `http://${NetworkSettings.Networks[network]?.IPAddress ?? ''}:8181/health`;
  const answers = () =>
    fetch(url).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    );
  await until('it answers', answers);
  return id;
}

async function probesLeft(): Promise<readonly string[]> {
  const filters = { label: [`swiftdeploy.stack=${STACK}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const names = [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
  return names.filter((name) => name.includes(`${STACK}-isolation`));
}

beforeAll(async () => {
  const dir = await scratchFolder();
  cli = new CommandLine(dir);
  const ports = { proxy: await freePort(), opa: await freePort() };
  await writeFile(cli.path('manifest.yaml'), stringify(manifestOf(STACK, ports, workload({ name: 'app' }))));
  await cli.succeed('deploy');
});

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

describe('the proof', () => {
  test('nothing can be read, written or decided from app, nginx, another network and this machine', async () => {
    const { result, found, items = [] } = await isolation();
    expect([result, found]).toEqual([
      'ok',
      expect.stringContaining('from app, nginx, another network, this machine'),
    ]);
    const { stdout } = await cli.run('doctor', '-o', 'json');
    const { checks } = JSON.parse(stdout) as CheckDocument;
    expect(checks).toContainEqual(expect.objectContaining({ name: 'isolation', result: 'ok' }));
    expect(items.map((item) => item.result)).toEqual(['ok', 'ok', 'ok', 'ok']);
    for (const { found: words } of items.slice(0, 3))
      expect(words).toMatch(/by its name, by its address, by the gateway .*: not reachable/);
    // The probes do reach what may be reached: silence everywhere would prove nothing.
    for (const { found: words } of items) expect(words).toContain('through nginx: only what is public');
    expect(items[3]?.found).toContain('at 127.0.0.1, by its address: reachable, and refuses everything');
    expect(await probesLeft()).toEqual([]);
  });

  test('leftovers of a look that was killed are removed by the next', async () => {
    const labels = { 'swiftdeploy.stack': STACK };
    const network = `${STACK}-isolation`;
    await docker.createNetwork({ Name: network, Driver: 'bridge', Labels: labels });
    const left = await docker.createContainer({
      name: `${STACK}-isolation-99`,
      Image: OPA,
      Cmd: ['run', '--server'],
      Labels: { ...labels, 'swiftdeploy.role': 'check' },
      HostConfig: { NetworkMode: network },
    });
    await left.start();
    const { result, items = [] } = await isolation();
    expect([result, ...items.filter((item) => item.result !== 'ok')]).toEqual(['ok']);
    expect(await probesLeft()).toEqual([]);
  });

  test('a policy engine that an application can reach and that refuses it gives nothing away, and is named', async () => {
    const filters = { label: [`swiftdeploy.stack=${STACK}`, 'swiftdeploy.role=policy'] };
    const [engine] = await docker.listContainers({ filters });
    const Container = engine?.Id ?? '';
    await docker.getNetwork(STACK).connect({ Container });
    const { result, items = [] } = await isolation();
    await docker.getNetwork(STACK).disconnect({ Container });
    expect(result).toBe('ok');
    expect(items[0]?.found).toContain('by its name, by its address: reachable, and refuses everything');
  });

  test('one that answers is found, from each place that it answers', async () => {
    const id = await nakedOpa(STACK);
    const { result, items = [] } = await isolation();
    await docker.getContainer(id).remove({ force: true });
    expect(result).toBe('fail');
    const breaches = items.filter((item) => item.result === 'fail').map(({ found }) => found);
    for (const from of ['from app, by its name', 'from nginx, by its address', 'from this machine'])
      expect(breaches).toContainEqual(expect.stringContaining(from));
    expect(breaches[0]).toMatch(/GET \/v1\/policies without a token was answered 200 \(and 19 more\)/);
    expect(breaches).not.toContainEqual(expect.stringContaining('from another network'));
  });
});

describe('the tokens', () => {
  test('are of 256 bits, for their owner alone, and nowhere else', async () => {
    const path = cli.path('.swiftdeploy/tokens.json');
    const kept = JSON.parse(await readFile(path, 'utf8')) as { readonly policy: string };
    const [tokens, key] = [Object.values(kept), kept.policy];
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(tokens.length).toBeGreaterThan(1);
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(32);
    const engines = (await containersOf(STACK)).filter((info) => labelOf(info, 'role') === 'policy');
    expect(engines.length).toBeGreaterThan(0);
    const secrets = [...tokens, ...engines.map(({ Id }) => instanceToken(key, Id))];

    const controller = cli.start('run', '--listen', 'off', '--log', 'json', '--log-level', 'debug');
    onTestFinished(() => void controller.child.kill('SIGKILL'));
    const isReady = () => controller.said.stderr.includes('"ready":true') || undefined;
    await until('the controller is ready', isReady, { explain: () => JSON.stringify(controller.said) });
    const texts = [
      ['arguments and environment', await processText(controller.child.pid ?? 0)],
      ...(await Promise.all(
        [['status', '-o', 'json'], ['render'], ['plan'], ['audit']].map(
          async (args) => [args.join(' '), Object.values(await cli.run(...args)).join('\n')] as const,
        ),
      )),
      ...(await engineTexts()),
      ...(await fileTexts(path)),
    ] as const;
    controller.child.kill('SIGTERM');
    await controller.ended;
    const all = [...texts, ['run', `${controller.said.stdout}${controller.said.stderr}`]] as const;

    expect(all.length).toBeGreaterThan(15);
    for (const secret of secrets)
      expect(all.filter(([, text = '']) => text.includes(secret)).map(([name]) => name)).toEqual([]);
  });
});

async function processText(pid: number): Promise<string> {
  const files = ['cmdline', 'environ'].map((name) => readFile(`/proc/${String(pid)}/${name}`, 'utf8'));
  return (await Promise.all(files)).join('\n');
}

/** All that the engine tells about the stack: every container and network, and what each container printed. */
async function engineTexts(): Promise<readonly (readonly [string, string])[]> {
  const filters = { label: [`swiftdeploy.stack=${STACK}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const said = containers.map(async ({ Id, Names: [name = Id] }) => {
    const { stdout, stderr } = await promisify(execFile)('docker', ['logs', Id]);
    const inspected = JSON.stringify(await docker.getContainer(Id).inspect());
    return [`engine: ${name}`, `${inspected}${stdout}${stderr}`] as const;
  });
  const nets = networks.map(
    async ({ Id, Name }) =>
      [`engine: ${Name}`, JSON.stringify(await docker.getNetwork(Id).inspect())] as const,
  );
  return Promise.all([...said, ...nets]);
}

/** Everything beside the manifest and in the state directory, but for the file that holds them. */
async function fileTexts(tokensPath: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(cli.dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths
      .filter((path) => path !== tokensPath)
      .map(async (path) => [path, await readFile(path, 'utf8')] as const),
  );
}
