/** A teardown that is interrupted, on the real engine. */
import { writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { containersOf, docker, nameOf } from '../support/engine.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

const STACK = `swd-test-teardown-${String(process.pid)}`;
const IMAGE = 'swift-deploy-1-node:latest';
/** Takes the whole grace. */
const DEAF = ['node', '-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"];

const cli = new CommandLine(await scratchFolder());

async function container(role: 'proxy' | 'service'): Promise<void> {
  const made = await docker.createContainer({
    name: `${STACK}-${role}`,
    Image: IMAGE,
    Entrypoint: DEAF,
    Labels: { 'swiftdeploy.stack': STACK, 'swiftdeploy.role': role },
  });
  if (role === 'service') await made.start();
}

afterAll(() => cli.run('teardown', '--yes'));

test('stops at Ctrl-C after what is being removed, says what is left, and can go on', async () => {
  await writeFile(
    cli.path('manifest.yaml'),
    `services: { image: ${IMAGE}, port: 3000 }\nnginx: { image: nginx, port: 18979 }\nnetwork: { name: ${STACK} }\n`,
  );
  await (await HistoryLog.open(cli.path('history.jsonl'))).close();
  await docker.createNetwork({ Name: STACK, Labels: { 'swiftdeploy.stack': STACK } });
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
  const { stdout } = await cli.succeed('events', '-o', 'json');
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([
    { containers: [`${STACK}-proxy`, `${STACK}-service`], networks: [] },
    { containers: [], networks: [STACK] },
  ]);
});
