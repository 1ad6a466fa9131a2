/** A manifest that names other policies than those that decide changes nothing of what they say, and is told so once per change. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { manifestOf, workload } from '../support/manifest.js';
import { readStatus } from '../support/records.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';

const STACK = `swd-policies-dir-${String(process.pid)}`;
const UNHEARD = 'opa.policies_dir is not obeyed';

const cli = new CommandLine(await scratchFolder());

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

test('policies beside the manifest go on denying', async () => {
  const ports = { proxy: await freePort(), opa: await freePort() };
  const manifest = manifestOf(STACK, ports, workload({ name: 'app' }));
  await writeFile(cli.path('manifest.yaml'), stringify(manifest));
  await cp(cli.path('policies'), cli.path('open'), { recursive: true });
  const limits = cli.path('policies/infrastructure/data.json');
  const data = JSON.parse(await readFile(limits, 'utf8')) as { thresholds: object };
  await writeFile(
    limits,
    JSON.stringify({ ...data, thresholds: { ...data.thresholds, min_disk_free_gb: 1_000_000 } }),
  );
  expect((await cli.run('deploy')).code).toBe(2);

  const naming = { ...manifest, opa: { ...manifest.opa, policies_dir: 'open' } };
  await writeFile(cli.path('manifest.yaml'), stringify(naming));
  const { code, stderr } = await cli.run('deploy');
  expect([code, stderr.split(UNHEARD).length]).toEqual([2, 2]);
  const status = await readStatus(cli.path('status.json'));
  const valid = status?.conditions.find(({ type }) => type === 'ManifestValid');
  expect(valid).toMatchObject({
    reason: 'ValidWithWarnings',
    message: expect.stringContaining(UNHEARD) as string,
  });
  const again = await cli.run('deploy');
  expect([again.code, again.stderr]).toEqual([2, expect.not.stringContaining(UNHEARD)]);
});
