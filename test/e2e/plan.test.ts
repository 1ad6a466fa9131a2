/** What `plan` prints is what `run` then does, on the real engine: the same steps on the same targets, in the same stages. */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docker, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { kindsOf, PlanAndRun } from '../support/plan-and-run.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';

const STACK = `swd-plan-${String(process.pid)}`;

let cli = new CommandLine('');
let both = new PlanAndRun(cli);
let ports = { proxy: 0, opa: 0 };

interface Service {
  readonly version: string;
  readonly mode?: 'stable' | 'canary';
  readonly replicas?: number;
}

beforeAll(async () => {
  cli = new CommandLine(await scratchFolder());
  both = new PlanAndRun(cli);
  ports = { proxy: await freePort(), opa: await freePort() };
});

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

async function manifest(services: Readonly<Record<string, Service>>): Promise<void> {
  const lines = Object.entries(services).map(([name, { version, mode = 'stable', replicas = 1 }]) => {
    const path = name === 'app' ? '/' : `/${name}`;
    const health = '{ interval: 200ms, deadline: 20s }';
    return `  ${name}: { image: "swift-deploy-1-node:latest", port: 3000, mode: ${mode}, version: "${version}", replicas: ${String(replicas)}, drain: 2s, route: { path: ${path} }, health: ${health} }`;
  });
  const text = `services:
${lines.join('\n')}
nginx: { image: "nginx:latest", port: ${String(ports.proxy)} }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(ports.opa)} }
network: { name: ${STACK} }
`;
  await writeFile(cli.path('manifest.yaml'), text);
}

async function replica(part: string): Promise<string> {
  const list = await docker.listContainers({ all: true, filters: { label: [`swiftdeploy.stack=${STACK}`] } });
  const found = list.find(({ Names }) => Names[0]?.includes(part));
  if (found === undefined) throw new Error(`no container ${part}`);
  return found.Id;
}

describe('what plan prints is what run does', () => {
  test('the first deploy, from nothing', async () => {
    await manifest({ app: { version: '1' } });
    const plan = await both.expectPlanned();
    expect(kindsOf(plan)).toContain('createNetwork');
    expect(plan.policy).toMatchObject({
      asked: true,
      answers: ['admission', 'infrastructure', 'source'].map((domain) => ({
        domain,
        question: 'deploy',
        allow: true,
      })),
    });
    expect(plan.stages.map(({ when }) => when)).toEqual([
      [],
      ['the policy engine answers'],
      ['app 1 answers its health check'],
    ]);
  });

  test('another version: side by side, then the old one drains and goes', async () => {
    await manifest({ app: { version: '2' } });
    const plan = await both.expectPlanned();
    expect(plan.services).toEqual([
      { name: 'app', change: 'changed', fields: [{ field: 'version', from: '1', to: '2' }] },
    ]);
    expect(plan.policy.answers).toMatchObject([
      { domain: 'admission', question: 'replace', allow: true },
      { domain: 'infrastructure', question: 'replace', allow: true },
      { domain: 'source', question: 'replace', allow: true },
      { domain: 'infrastructure', question: 'remove', allow: true },
    ]);
  });

  test.each([3, 1])('%i replicas', async (replicas) => {
    await manifest({ app: { version: '2', replicas } });
    const plan = await both.expectPlanned();
    expect(kindsOf(plan).filter((kind) => /create|remove/.test(kind))).toHaveLength(2);
  });

  test('another service beside it, and gone again', async () => {
    await manifest({ app: { version: '2' }, api: { version: '1' } });
    expect((await both.expectPlanned()).services).toMatchObject([
      { name: 'api', change: 'added' },
      { change: 'none' },
    ]);
    await manifest({ app: { version: '2' } });
    expect((await both.expectPlanned()).services).toMatchObject([
      { change: 'none' },
      { name: 'api', change: 'removed' },
    ]);
  });

  test('a canary, and its promotion', async () => {
    await manifest({ app: { version: '3', mode: 'canary' } });
    await both.expectPlanned();
    await manifest({ app: { version: '3' } });
    const plan = await both.expectPlanned();
    expect(plan.services[0]?.fields).toEqual([{ field: 'mode', from: 'canary', to: 'stable' }]);
    expect(plan.policy.answers.map(({ question }) => question)).toContain('promote');
  });

  test('a canary that is taken back', async () => {
    await manifest({ app: { version: '4', mode: 'canary' } });
    await both.expectPlanned();
    await manifest({ app: { version: '3' } });
    const plan = await both.expectPlanned();
    expect(plan.policy.answers.map(({ question }) => question)).toContain('rollback');
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['stopped', (id) => docker.getContainer(id).stop({ t: 0 })],
    ['removed', (id) => docker.getContainer(id).remove({ force: true })],
    ['paused', (id) => docker.getContainer(id).pause()],
    ['renamed', (id) => docker.getContainer(id).rename({ name: `${STACK}-somebody` })],
  ])('drift: %s', async (kind, damage) => {
    const id = await replica('-app-stable-');
    await damage(id);
    const plan = await both.expectPlanned();
    expect(plan.drift.map((drift) => drift.kind)).toEqual([kind]);
  });

  test('drift of the parts: no proxy, a stopped policy engine', async () => {
    await docker.getContainer(await replica('-proxy')).remove({ force: true });
    await docker.getContainer(await replica('-policy-')).stop({ t: 0 });
    const plan = await both.expectPlanned();
    expect(plan.drift.map((drift) => drift.kind).sort()).toEqual(['removed', 'stopped']);
  });
});
