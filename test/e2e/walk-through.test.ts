/** The thirteen steps of the published walk-through, in its words and order: by the commands alone, with a controller that watches the file, and by runs that do what `plan` printed. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { obtainImage } from '../../src/setup/images.js';
import { containersOf, docker, labelOf, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { Load } from '../support/load.js';
import { PlanAndRun } from '../support/plan-and-run.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

/** Not `latest`: other stacks on this engine should not see their image change. */
const IMAGE = `swift-deploy-1-node:walk-${String(process.pid)}`;
const REQUESTS = 60;

type Mode = 'stable' | 'canary';

const WAYS = ['the commands alone', 'a controller and an editor', 'runs that do what plan prints'] as const;

describe.each(WAYS)('the walk-through with %s', (way) => {
  const stack = `swd-walk-${String(process.pid)}-${String(WAYS.indexOf(way))}`;
  const ports = { nginx: 0, opa: 0 };
  let cli = new CommandLine('.');
  let controller: ReturnType<CommandLine['start']> | undefined;

  /** A connection of its own, as curl has: one that was kept open is still served by the worker from before a reload. */
  function curl(path: string, init?: RequestInit): Promise<Response> {
    const headers = { connection: 'close' };
    return fetch(`http://localhost:${String(ports.nginx)}${path}`, { ...init, headers });
  }

  function chaos(body: string): Promise<Response> {
    return curl('/chaos', { method: 'POST', body });
  }

  async function statuses(): Promise<ReadonlySet<number>> {
    const seen = new Set<number>();
    for (let left = REQUESTS; left > 0; left -= 1) seen.add((await curl('/')).status);
    return seen;
  }

  /** A promotion changes the service; nginx keeps serving, and nobody notices. */
  async function promote(mode: Mode): Promise<void> {
    const load = new Load(`http://127.0.0.1:${String(ports.nginx)}/`);
    const proxy = await proxyId();
    if (way === 'the commands alone') await cli.succeed('promote', mode);
    else await edit(mode);
    if (way === 'runs that do what plan prints') await new PlanAndRun(cli).expectPlanned();
    if (controller !== undefined) await cli.succeed('wait', '--for=condition=Ready', '--timeout=60s');
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(0);
    expect((await curl('/')).headers.get('x-mode')).toBe(mode === 'canary' ? 'canary' : null);
    expect(await proxyId()).toBe(proxy);
  }

  async function edit(mode: Mode): Promise<void> {
    const text = await readFile(cli.path('manifest.yaml'), 'utf8');
    await writeFile(cli.path('manifest.yaml'), text.replace(/mode: \w+/, `mode: ${mode}`));
  }

  async function proxyId(): Promise<string | undefined> {
    return (await containersOf(stack)).find((info) => labelOf(info, 'role') === 'proxy')?.Id;
  }

  beforeAll(async () => {
    cli = new CommandLine(await scratchFolder());
    Object.assign(ports, { nginx: await freePort(), opa: await freePort() });
    await writeFile(
      cli.path('manifest.yaml'),
      `services:
  name: app
  image: ${IMAGE}
  port: 3000
  mode: stable # promotion is editing this word
  version: "1.0.0"
  restart_policy: unless-stopped
  log_volume: ${stack}-logs
nginx: { image: "nginx:latest", port: ${String(ports.nginx)}, proxy_timeout: 30 }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(ports.opa)} }
network: { name: ${stack}, driver_type: bridge }
contact: "ops@example.com"
`,
    );
  });

  afterAll(async () => {
    controller?.child.kill('SIGKILL');
    await removeAllOf(stack);
    await docker
      .getImage(IMAGE)
      .remove()
      .catch(() => undefined);
    await cli.dispose();
  });

  test('1 build the image', async () => {
    const said: string[] = [];
    const result = await obtainImage(docker, IMAGE, (line) => void said.push(line));
    expect(result.kind, said.join('\n')).toBe('built');
    expect(await docker.getImage(IMAGE).inspect()).toMatchObject({ Config: { User: '10001:10001' } });
  });

  test('2 validate: a line for each check', async () => {
    const { stdout } = await cli.succeed('validate');
    for (const check of ['manifest', 'fields', 'images', 'nginx port', 'nginx config'])
      expect(stdout).toMatch(new RegExp(`^✔ ${check} `, 'm'));
    expect(stdout).not.toContain('✘');
  });

  test('3 deploy: asked first, healthy through nginx', async () => {
    if (way === 'a controller and an editor') controller = cli.start('run', '--listen', 'off');
    await until(
      'there is somebody to wait for',
      () => controller === undefined || controller.said.stderr !== '',
    );
    if (way === 'runs that do what plan prints') await new PlanAndRun(cli).expectPlanned();
    const { stderr } = await cli.succeed('deploy');
    const log = controller?.said.stderr ?? stderr;
    if (way !== 'runs that do what plan prints')
      expect(log).toMatch(/PASS infrastructure \(deploy\)[^]*startContainer .*-app-stable-/);
    expect((await curl('/')).status).toBe(200);
  });

  test('4 curl localhost/metrics', async () => {
    expect(await (await curl('/metrics')).text()).toMatch(/^http_requests_total\{.*path="\/".*\} \d+$/m);
  });

  test('5 OPA answers on the loopback, and not through nginx', async () => {
    expect((await fetch(`http://127.0.0.1:${String(ports.opa)}/health`)).status).toBe(200);
    const through = await curl('/v1/data');
    expect(through.status).toBe(404);
    expect(await through.json()).toEqual({ error: 'not found', path: '/v1/data' });
  });

  test('6 status', async () => {
    const { stdout } = await cli.succeed('status');
    expect(stdout).toMatch(/✔ Ready/);
    expect(stdout).toMatch(/app +stable +1\.0\.0 +100 % +1\/1/);
    expect(stdout).toMatch(/PASS infrastructure/);
  });

  test('7 promote canary', () => promote('canary'));

  test('8 chaos through nginx', async () => {
    expect((await chaos('{"mode": "error", "rate": 0.5}')).status).toBe(200);
    expect(await statuses()).toEqual(new Set([200, 500]));
  });

  test('9 status shows the chaos, the error rate, and canary FAIL with value and limit', async () => {
    const seen = await until('status shows it', async () => {
      await statuses();
      const { stdout } = await cli.succeed('status');
      const hasRate = /canary +1\.0\.0 +100 % +1\/1 +[\d.]+ +[1-9][\d.]* %/.test(stdout);
      const hasAll = ['mode canary · chaos error', 'FAIL canary'].every((words) => stdout.includes(words));
      return hasRate && hasAll && stdout;
    });
    expect(seen).toMatch(/! error_rate is \d+\.\d\d%, maximum allowed is 1\.00%/);
    const scraped = async () => {
      const lines = (await readFile(cli.path('history.jsonl'), 'utf8')).split('\n');
      const last = lines.findLast((line) => line.includes('"status_scrape"'));
      return JSON.parse(last ?? '{}') as Record<string, unknown>;
    };
    await until('the history has it', async () => (await scraped()).policy_canary_pass === false);
    expect(await scraped()).toMatchObject({ mode: 'canary', chaos: 'error', policy_infra_pass: true });
  });

  test('10 recover', async () => {
    expect((await chaos('{"mode": "recover"}')).status).toBe(200);
    expect(await statuses()).toEqual(new Set([200]));
  });

  test('11 promote stable', () => promote('stable'));

  test('12 audit', async () => {
    const { stdout } = await cli.succeed('audit');
    expect(stdout).toContain('audit_report.md');
    const report = await readFile(cli.path('audit_report.md'), 'utf8');
    expect(report).toMatch(/## Mode Changes\n[^#]*\| stable \| canary \|[^#]*\| canary \| stable \|/);
    for (const part of ['The history is whole', '## Policy Violations', '## Timeline', 'chaos begins'])
      expect(report).toContain(part);
  });

  test('13 teardown --clean', async () => {
    controller?.child.kill('SIGTERM');
    await controller?.ended;
    await cli.succeed('teardown', '--clean', '--yes');
    expect(await containersOf(stack)).toEqual([]);
    expect((await readdir(cli.dir)).sort()).toEqual([
      'audit_report.md',
      'history.jsonl',
      'manifest.yaml',
      'policies',
    ]);
    await expect(curl('/')).rejects.toThrow();
  });
});
