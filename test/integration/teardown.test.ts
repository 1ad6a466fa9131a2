/** A teardown that does not come to its end, on the real engine. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { EngineTap } from '../support/engine-tap.js';
import { containersOf, docker, nameOf } from '../support/engine.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const STACK = `swd-test-teardown-${String(process.pid)}`;
const IMAGE = 'swift-deploy-1-node:latest';
/** Takes the whole grace. */
const DEAF = ['node', '-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"];

const dir = await scratchFolder();
const cli = new CommandLine(dir);

async function container(role: 'proxy' | 'service'): Promise<void> {
  const made = await docker.createContainer({
    name: `${STACK}-${role}`,
    Image: IMAGE,
    Entrypoint: DEAF,
    Labels: { 'swiftdeploy.stack': STACK, 'swiftdeploy.role': role },
  });
  if (role === 'service') await made.start();
}

beforeEach(async () => {
  await rm(cli.path('history.jsonl'), { force: true });
  await writeFile(
    cli.path('manifest.yaml'),
    `services: { image: ${IMAGE}, port: 3000 }\nnginx: { image: nginx, port: 18979 }\nnetwork: { name: ${STACK} }\n`,
  );
  await (await HistoryLog.open(cli.path('history.jsonl'))).close();
  await docker.createNetwork({ Name: STACK, Labels: { 'swiftdeploy.stack': STACK } });
});

afterEach(() => cli.run('teardown', '--yes'));

/** Of the history: what each teardown removed. */
async function told(): Promise<readonly unknown[]> {
  const { stdout } = await cli.succeed('events', '-o', 'json');
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as unknown);
}

test('stops at Ctrl-C after what is being removed, says what is left, and can go on', async () => {
  await Promise.all([container('proxy'), container('service')]);
  const first = cli.start('teardown', '--yes');
  await until('the proxy has gone', () => first.said.stderr.includes(`removed container ${STACK}-proxy`));
  first.child.kill('SIGINT');
  const { code, stderr } = await first.ended;
  expect(stderr).toContain(`removed container ${STACK}-service`);
  expect(stderr).toContain(`interrupted; still there: network ${STACK}. Another teardown goes on from here`);
  expect(code).toBe(130);
  expect((await containersOf(STACK)).map(nameOf)).toEqual([]);
  expect((await cli.succeed('teardown', '--yes')).stderr).toContain(`removed network ${STACK}`);
  expect(await told()).toMatchObject([
    { containers: [`${STACK}-proxy`, `${STACK}-service`], networks: [] },
    { containers: [], networks: [STACK] },
  ]);
});

test('an engine that fails ends it: history has what went, and another one goes on', async () => {
  await container('proxy');
  const tap = new EngineTap(join(dir, 'engine.sock'));
  await tap.listen();
  tap.refuse = /\/networks\/[0-9a-f]/;
  const cut = await new CommandLine(dir, tap.env).run('teardown', '--yes');
  tap.close();
  expect(cut.code).toBe(1);
  expect(await told()).toMatchObject([
    {
      containers: [`${STACK}-proxy`],
      networks: [],
      cause: expect.stringContaining('until the engine failed') as unknown,
    },
  ]);
  expect((await cli.succeed('teardown', '--yes')).stderr).toContain(`removed network ${STACK}`);
});
