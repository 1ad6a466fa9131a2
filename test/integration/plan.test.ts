/** `plan` on the real engine: it says what is in the way and what is denied, and changes nothing, whoever controls the stack. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanDocument } from '../../src/cli/plan/plan-document.js';
import { docker, removeAllOf, TEST_LABEL } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const STACK = `swd-planned-${String(process.pid)}`;
const SECRET = 'hunter2-and-more';

let cli = new CommandLine('');
let port = 0;
let opaPort = 0;

beforeAll(async () => {
  cli = new CommandLine(await scratchFolder());
  [port, opaPort] = [await freePort(), await freePort()];
  await manifest();
});

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

const OPA_IMAGE = 'openpolicyagent/opa:latest-static';

async function manifest({
  version = '1',
  secret = SECRET,
  proxyPort = port,
  opaImage = OPA_IMAGE,
} = {}): Promise<void> {
  await writeFile(
    cli.path('manifest.yaml'),
    `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  version: "${version}"
  env: { TOKEN: "${secret}" }
  health: { interval: 200ms }
nginx: { image: "nginx:latest", port: ${String(proxyPort)} }
opa: { image: "${opaImage}", port: ${String(opaPort)} }
network: { name: ${STACK} }
`,
  );
}

async function threshold(name: string, value: number): Promise<void> {
  const file = cli.path('policies/infrastructure/data.json');
  const data = JSON.parse(await readFile(file, 'utf8')) as { thresholds: Record<string, number> };
  await writeFile(file, JSON.stringify({ thresholds: { ...data.thresholds, [name]: value } }));
}

async function planned(): Promise<PlanDocument> {
  const { code, stdout, stderr } = await cli.run('plan', '-o', 'json');
  expect(code, stderr).toBe(0);
  const schema = JSON.parse(await readFile('schema/plan.schema.json', 'utf8')) as object;
  const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(schema);
  const plan = JSON.parse(stdout) as PlanDocument;
  validate(plan);
  expect(validate.errors).toBeNull();
  return plan;
}

/** What a controller writes whenever it looks at the metrics. */
const SCRAPED = /(history\.jsonl|status\.json|traffic\.json)$/;

/** Every file with its content (but for those that match `but`), and every container, network and volume of the stack with its state. */
async function everything(but: RegExp): Promise<readonly string[]> {
  const names = await readdir(cli.dir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  const kept = files.filter((file) => !but.test(file));
  const digests = await Promise.all(kept.map(async (file) => `${file} ${digest(await readFile(file))}`));
  const filters = { label: [`swiftdeploy.stack=${STACK}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  return [
    ...digests,
    ...containers.map(({ Id, State, Names }) => `${Id} ${State} ${Names.join()}`),
    ...networks.map(({ Id }) => Id),
  ].sort();
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function expectUntouched(look: () => Promise<unknown>, but = /^$/): Promise<void> {
  const before = await everything(but);
  await look();
  expect(await everything(but)).toEqual(before);
}

function reasons({ stages }: PlanDocument): readonly string[] {
  return stages.flatMap(({ chains }) => chains.flat().flatMap((step) => step.reasons ?? []));
}

describe('before the first deploy', () => {
  test('the policies are checked and asked, nothing is written, nothing is left', () =>
    expectUntouched(async () => {
      const { code, stdout, stderr } = await cli.run('plan', '--exit-code');
      expect(stdout).toContain(`${STACK}: `);
      expect(stdout).toMatch(/infrastructure +deploy +✔ allows/);
      expect(stdout).not.toContain('? asked when the policy engine is up');
      expect(stdout).not.toContain('tested before they decide');
      expect([code, stderr]).toEqual([4, '']);
    }));

  test('what they deny ends the plan, as it then ends the deploy', async () => {
    await threshold('min_disk_free_gb', 1_000_000);
    await expectUntouched(async () => {
      const plan = await planned();
      expect(plan).toMatchObject({ end: 'denied', policy: { asked: true }, notes: [] });
      expect(reasons(plan)[0]).toMatch(
        /^infrastructure: disk_free_gb is [\d.]+, minimum required is 1000000/,
      );
    });
    await threshold('min_disk_free_gb', 1);
  });

  test('policies that do not pass their check are asked nothing, and the plan says which line is wrong', async () => {
    const file = cli.path('policies/infrastructure/broken.rego');
    await writeFile(file, 'package swiftdeploy.infrastructure\n\nx := nobody_knows\n');
    await expectUntouched(async () => {
      const { notes, policy } = await planned();
      expect(policy).toMatchObject({ asked: false, answers: [] });
      expect(notes).toEqual([
        expect.stringMatching(/^the policies would be refused, .*infrastructure\/broken\.rego:3/),
      ]);
    });
    await rm(file);
  });

  test('without the image nobody is asked, and the plan says so', async () => {
    await manifest({ opaImage: 'openpolicyagent/opa:nowhere' });
    await expectUntouched(async () => {
      const { stdout } = await cli.run('plan');
      expect(stdout).toContain('? asked when the policy engine is up');
      expect(stdout).toContain('the policies are tested before they decide');
      expect(stdout).toContain(
        'nobody could be asked now: openpolicyagent/opa:nowhere is not on the engine (docker pull openpolicyagent/opa:nowhere)',
      );
    });
    await manifest();
  });

  test('a bad manifest ends with 3 and every problem', () =>
    expectUntouched(async () => {
      const good = await readFile(cli.path('manifest.yaml'));
      await writeFile(cli.path('manifest.yaml'), 'services: { name: app, prot: 70000 }\n');
      const { code, stdout, stderr } = await cli.run('plan');
      expect(stderr).toMatch(/manifest\.yaml:1:\d+ .*prot/);
      expect([code, stdout]).toEqual([3, '']);
      const told = await cli.run('plan', '-o', 'json');
      expect(told.code).toBe(3);
      expect(JSON.parse(told.stdout)).toMatchObject({
        kind: 'Checks',
        command: 'plan',
        result: 'fail',
        checks: [
          {
            name: 'manifest',
            items: expect.arrayContaining([
              { result: 'fail', found: expect.stringMatching(/manifest\.yaml:1:\d+ .*prot/) },
            ]),
          },
        ],
      });
      await writeFile(cli.path('manifest.yaml'), good);
    }));

  test('an engine that does not answer ends with 1', async () => {
    const lost = new CommandLine(cli.dir, { DOCKER_HOST: `unix://${cli.dir}/no-engine.sock` });
    const { code, stdout, stderr } = await lost.run('plan', '--exit-code');
    expect(stderr).toContain('the container engine does not answer (ENOENT) at unix://');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect([code, stdout]).toEqual([1, '']);
  });

  test("somebody else's container, port and network are findings, and the plan ends there", async () => {
    const labels = { [TEST_LABEL]: STACK };
    const foreign = await docker.createContainer({
      name: `${STACK}-proxy`,
      Image: 'nginx:latest',
      Labels: labels,
    });
    const listener = await listen(opaPort);
    try {
      const plan = await planned();
      expect(plan.end).toBe('blocked');
      expect(plan.findings.map(({ kind, target }) => [kind, target])).toEqual([['foreign', String(opaPort)]]);
      await close(listener);
      const [name] = (await planned()).findings;
      expect(name).toMatchObject({ kind: 'foreign', target: `${STACK}-proxy` });
      expect(name?.message).toContain('rename or remove it');
    } finally {
      await foreign.remove({ force: true });
      await close(listener);
    }
    const network = await docker.createNetwork({ Name: STACK, Labels: labels });
    expect((await planned()).findings).toMatchObject([{ kind: 'foreign', target: STACK }]);
    await network.remove();
  });
});

describe('beside a controller', () => {
  test('it looks, asks, and leaves the lock alone', async () => {
    const controller = cli.start('run', '--listen', 'off');
    try {
      await until('the controller has settled', () => controller.said.stderr.includes('ready at'));
      await expectUntouched(async () => {
        expect(await planned()).toMatchObject({
          controller: true,
          changes: false,
          stages: [],
          end: 'converged',
        });
      }, SCRAPED);
      expect((await cli.run('plan', '--exit-code')).code).toBe(0);
    } finally {
      controller.child.kill('SIGTERM');
      await controller.ended;
    }
  });
});

describe('of a stack that runs', () => {
  test('values of the environment are never shown', async () => {
    await manifest({ version: '2', secret: `${SECRET}-changed` });
    const { stdout } = await cli.run('plan');
    expect(stdout).toMatch(/~ env\.TOKEN: hmac:[0-9a-f]{8} → hmac:[0-9a-f]{8}/);
    for (const text of [stdout, (await cli.run('plan', '-o', 'json')).stdout])
      expect(text).not.toContain(SECRET);
  });

  test('of which the notes are gone, as in a fresh clone, is planned as well', async () => {
    await rename(cli.path('.swiftdeploy'), cli.path('aside'));
    try {
      expect((await planned()).changes).toBe(true);
    } finally {
      await rename(cli.path('aside'), cli.path('.swiftdeploy'));
    }
  });

  test('what is denied ends the plan, with the reason', async () => {
    await threshold('min_disk_free_gb', 1_000_000);
    expect(await planned()).toMatchObject({ policy: { asked: true }, end: 'denied' });
    expect((await cli.run('deploy')).code).toBe(2);
    await expectUntouched(async () => {
      const plan = await planned();
      expect(plan).toMatchObject({ end: 'denied', changes: true, policy: { asked: true } });
      expect(reasons(plan)[0]).toMatch(
        /^infrastructure: disk_free_gb is [\d.]+, minimum required is 1000000/,
      );
      expect((await cli.run('plan')).stdout).toContain('⊘ createContainer');
    });
    await threshold('min_disk_free_gb', 1);
  });

  test('a port that moved is a change of the proxy, not of a service', async () => {
    expect((await cli.run('deploy')).code).toBe(0);
    const other = await freePort();
    await manifest({ version: '2', secret: `${SECRET}-changed`, proxyPort: other });
    const plan = await planned();
    expect(plan.fields).toEqual([{ field: 'nginx.port', from: String(port), to: String(other) }]);
    expect(plan.services).toMatchObject([{ change: 'none' }]);
    expect(plan.end).toBe('converged');
  });
});

function listen(on: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(on, '0.0.0.0', () => resolve(server));
  });
}

function close(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}
