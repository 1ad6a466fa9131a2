/** The way out: what `render` writes runs under Docker Compose alone, as the controller ran it, as `plan` had said, on the same port and the same data. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeBinary, isComposeWithinReach, NO_GO } from '../support/compose-binary.js';
import {
  containersOf,
  docker,
  inspect,
  labelOf,
  readIn,
  removeAllOf,
  writeIn,
  type Info,
} from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { PlanAndRun } from '../support/plan-and-run.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const exec = promisify(execFile);
const STACK = `swd-render-${String(process.pid)}`;
const BUILD_LIMIT_MS = 900_000;

/** What a file of another language's parser may take for something else. */
const ODD_VALUES = {
  DOLLAR: '$HOME ${HOME} $$ %d',
  QUOTES: `it's "quoted" \\n # no comment: {a: [b]}`,
  LINES: 'first\n  second\n\ttab \nlast\n',
  NO: 'no',
  NULL: '~',
  NUMBER: '0010',
  TIME: '22:22',
  EMPTY: '',
  SPACES: '  both ends  ',
  UNICODE: 'grüße 🌍',
};

/** What a container may do and has, without what Compose and the controller each call their own. */
function essence(info: Info) {
  const { Config: config, HostConfig: host } = info;
  const { Memory, MemorySwap, NanoCpus, PidsLimit, ReadonlyRootfs, RestartPolicy, LogConfig, Privileged } =
    host;
  const mounts = info.Mounts.map(({ Type, Source, Destination, RW }) => ({ Type, Source, Destination, RW }));
  return {
    image: info.Image,
    user: config.User,
    env: [...config.Env].sort(),
    command: config.Cmd,
    entrypoint: config.Entrypoint,
    stopTimeout: (config as { StopTimeout?: number }).StopTimeout,
    caps: [host.CapDrop, (host.CapAdd ?? []).map((name: string) => name.replace(/^CAP_/, ''))],
    securityOpt: host.SecurityOpt,
    limits: { Memory, MemorySwap, NanoCpus, PidsLimit },
    tmpfs: Object.entries(host.Tmpfs ?? {}).sort(),
    mounts: mounts.sort((a, b) => (a.Destination < b.Destination ? -1 : 1)),
    networks: Object.keys(info.NetworkSettings.Networks),
    ports: host.PortBindings,
    ...{ ReadonlyRootfs, RestartPolicy, LogConfig, Privileged },
  };
}

/** The names that others find it by; each of the two adds names of its own. */
function aliasesOf(info: Info): readonly string[] {
  return Object.values(info.NetworkSettings.Networks).flatMap(({ Aliases }) => Aliases ?? []);
}

describe.skipIf(!(await isComposeWithinReach()))(
  `Docker Compose runs what render writes (else: ${NO_GO})`,
  () => {
    let cli = new CommandLine('.');
    let binary = '';
    const ports = { proxy: 0, opa: 0 };
    const ours = new Map<string, Info>();
    let answered: unknown;

    function compose(...args: readonly string[]) {
      return exec(binary, ['-f', cli.path('generated/docker-compose.yml'), '--progress', 'quiet', ...args]);
    }

    async function composed(service: string): Promise<Info> {
      const info = await inspect(`${STACK}-${service}-1`);
      if (info === undefined) throw new Error(`Compose has no container for ${service}`);
      return info;
    }

    async function ask(path: string, init?: RequestInit) {
      const answer = await fetch(`http://127.0.0.1:${String(ports.proxy)}${path}`, init);
      const body = (await answer.json()) as Record<string, unknown>;
      for (const momentary of ['timestamp', 'uptime_seconds']) Reflect.deleteProperty(body, momentary);
      const headers = ['content-type', 'x-mode', 'x-deployed-by'].map((name) => answer.headers.get(name));
      return { status: answer.status, headers, body };
    }

    function askAll() {
      return Promise.all([
        ask('/'),
        ask('/healthz'),
        ask('/nowhere'),
        ask('/chaos', { method: 'POST', body: '{"mode": "recover"}' }),
        ask('/dead/'),
      ]);
    }

    function askOpa(method: string, path: string) {
      const body = method === 'GET' ? {} : { body: '{"input": {}}' };
      return fetch(`http://127.0.0.1:${String(ports.opa)}${path}`, { method, ...body });
    }

    beforeAll(async () => {
      binary = (await composeBinary()) ?? '';
      cli = new CommandLine(await scratchFolder());
      Object.assign(ports, { proxy: await freePort(), opa: await freePort() });
      const app = {
        image: 'swift-deploy-1-node:latest',
        port: 3000,
        mode: 'canary',
        version: '1.10',
        replicas: 2,
        env: ODD_VALUES,
        route: { path: '/' },
        aliases: ['shop'],
        volumes: [`${STACK}-data:/data`, `${cli.dir}:/manifest:ro`],
        log_volume: `${STACK}-logs`,
        tmpfs: ['/scratch:size=1m,mode=1777'],
        read_only: true,
        cap_add: ['NET_BIND_SERVICE'],
        resources: { cpus: 0.3, memory: '96m', pids: 77 },
        restart_policy: 'always',
        health: { interval: '200ms' },
        drain: '3s',
      };
      const command = ['-e', 'setInterval(() => {}, 1000, "$HOME")'];
      const worker = {
        image: 'node:20-slim',
        version: '1',
        command: ['node', ...command],
        restart_policy: 'no',
        volumes: [`${STACK}-logs:/logs`],
      };
      const dead = { ...worker, port: 9, user: '1234', route: { path: '/dead' }, health: false };
      const manifest = {
        services: { app, worker, dead },
        nginx: { image: 'nginx:latest', port: ports.proxy, aliases: ['front'] },
        opa: { image: 'openpolicyagent/opa:latest-static', port: ports.opa },
        network: { name: STACK },
        contact: 'ops@example.com',
      };
      await writeFile(cli.path('manifest.yaml'), JSON.stringify(manifest));
    }, BUILD_LIMIT_MS);

    afterAll(async () => {
      await compose('down', '--volumes', '--timeout', '0').catch(() => undefined);
      await removeAllOf(STACK);
      await cli.dispose();
    });

    test('the controller runs it first', async () => {
      await new PlanAndRun(cli).expectPlanned();
      for (const info of await containersOf(STACK))
        ours.set(labelOf(info, 'service') ?? labelOf(info, 'role') ?? '', info);
      answered = await askAll();
      expect(answered).toMatchObject([
        { status: 200 },
        { status: 200 },
        { status: 404 },
        { status: 200 },
        { status: 502 },
      ]);
      await writeIn(ours.get('worker')?.Id ?? '', '/logs/kept', 'since before');
    });

    test('Compose accepts the file without a word', async () => {
      await cli.succeed('render');
      expect(await compose('config', '--quiet')).toEqual({ stdout: '', stderr: '' });
      const { stdout } = await compose('config', '--format', 'json');
      const { services } = JSON.parse(stdout) as { services: { app: { environment: object } } };
      expect(services.app.environment).toMatchObject({ ...ODD_VALUES, DOLLAR: '$$HOME $${HOME} $$$$ %d' });
    });

    test('after a teardown it serves the same answers on the same port', async () => {
      await cli.succeed('teardown', '--yes');
      await compose('up', '--detach');
      // The engine's proxy takes connections before nginx listens, and cuts them.
      await until('it serves', () =>
        ask('/').then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      expect(await askAll()).toEqual(answered);
    });

    test.each(['app', 'worker', 'dead'])(
      'the containers of %s are made as the controller makes them',
      async (name) => {
        const [before, after] = [ours.get(name), await composed(name)];
        if (before === undefined) throw new Error(`the controller had no ${name}`);
        expect(essence(after)).toEqual(essence(before));
        expect(aliasesOf(after)).toEqual(expect.arrayContaining([name, ...(name === 'app' ? ['shop'] : [])]));
      },
    );

    test('so are those of the proxy and the policy engine, but for their files, who may talk to them, and the names of decisions', async () => {
      const [proxy, nginx] = [ours.get('proxy'), await composed('nginx')];
      const [policy, opa] = [ours.get('policy'), await composed('opa')];
      if (proxy === undefined || policy === undefined)
        throw new Error('the controller had no proxy or no policy engine');
      const { ports: bound, ...same } = essence(proxy);
      const conf = {
        Type: 'bind',
        Source: cli.path('generated/nginx.conf'),
        Destination: '/etc/nginx/nginx.conf',
        RW: false,
      };
      expect(essence(nginx)).toEqual({ ...same, mounts: [conf], ports: { '8080/tcp': bound?.['8080/tcp'] } });
      expect(aliasesOf(nginx)).toContain('front');
      const bundle = { Type: 'bind', Source: cli.path('generated/opa'), Destination: '/bundle', RW: false };
      const onlyOurs = ['--authentication=token', '--set=decision_logs.console=true'];
      const command = policy.Config.Cmd.filter((word) => !onlyOurs.includes(word));
      expect(essence(opa)).toEqual({ ...essence(policy), mounts: [bundle], command, user: '10001:10001' });
    });

    test('as many replicas run, on the data of before', async () => {
      expect(await inspect(`${STACK}-app-2`)).toMatchObject({ State: { Running: true } });
      expect(await readIn((await composed('app')).Id, '/var/log/app/kept')).toBe('since before');
    });

    test('OPA decides by the same policies, and nobody can change them', async () => {
      const asked = await askOpa('POST', '/v1/data/swiftdeploy/infrastructure/decision?provenance=true');
      expect(await asked.json()).toMatchObject({
        result: { allow: false, domain: 'infrastructure' },
        provenance: {
          bundles: {
            '/bundle': { revision: ours.get('policy')?.Config.Labels['swiftdeploy.policy-revision'] },
          },
        },
      });
      expect((await askOpa('GET', '/health')).status).toBe(200);
      const refused = await Promise.all([
        askOpa('PUT', '/v1/policies/x'),
        askOpa('PUT', '/v1/data/x'),
        askOpa('GET', '/v1/data'),
      ]);
      expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    });

    test('the controller leaves alone what Compose runs, and takes over when it is gone', async () => {
      expect((await containersOf(STACK)).length).toBe(0);
      await compose('down', '--timeout', '0');
      await new PlanAndRun(cli).expectPlanned();
      const [app] = (await containersOf(STACK)).filter((info) => labelOf(info, 'service') === 'app');
      expect(await readIn(app?.Id ?? '', '/var/log/app/kept')).toBe('since before');
      expect(await docker.getVolume(`${STACK}-data`).inspect()).toMatchObject({ Name: `${STACK}-data` });
    });
  },
);
