/** A first deploy whose time is up while its policies are still tried: what is missing is that, and no word on the policies. */
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { containersOf, removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { manifestOf, workload } from '../support/manifest.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';

const STACK = `swd-first-check-${String(process.pid)}`;

/** It does not end by itself while anybody waits. */
const ENDLESS = `package swiftdeploy.endless_test

test_it if {
  many := numbers.range(1, 20000)
  count([1 | some left in many; some right in many; left * right < 0]) == 0
}
`;

const cli = new CommandLine(await scratchFolder());

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

test('says what is under way', async () => {
  const ports = { proxy: await freePort(), opa: await freePort() };
  await writeFile(cli.path('manifest.yaml'), stringify(manifestOf(STACK, ports, workload({ name: 'app' }))));
  await mkdir(cli.path('policies/endless'));
  await writeFile(
    cli.path('policies/endless/endless.rego'),
    'package swiftdeploy.endless\n\ndecision := {"allow": true}\n',
  );
  await writeFile(cli.path('policies/endless/endless_test.rego'), ENDLESS);
  const { code, stderr } = await cli.run('deploy', '--timeout', '10s');
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('still missing: the first check of the policies, which has not ended'),
  ]);
  expect(await containersOf(STACK)).toEqual([]);
});
