/** A manifest beside the state of another stack, whose controller runs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseOtherStack } from '../../../src/cli/basics/lock.js';
import { stackPaths } from '../../../src/cli/basics/paths.js';

let dir = '';
const refuse = (manifest: string, holders: string) =>
  refuseOtherStack(
    { pid: 12, startedAt: '2026-01-01T00:00:00.000Z', manifest: join(dir, holders) },
    'shop',
    stackPaths({ manifest: join(dir, manifest) }),
  );

async function write(manifest: string, name: string): Promise<void> {
  const rest = 'services: { image: "app:1", port: 3000 }\nnginx: { image: "nginx:1", port: 8080 }';
  await writeFile(join(dir, manifest), `${rest}\nnetwork: { name: ${name} }\n`);
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd other-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('is refused by both names, and told what it needs', async () => {
  await write('b.yaml', 'blog');
  await expect(refuse('b.yaml', 'manifest.yaml')).rejects.toThrow(
    `${join(dir, '.swiftdeploy')} is the state directory of stack shop, which is controlled by process 12 (since 2026-01-01T00:00:00.000Z, ${join(dir, 'manifest.yaml')}): move ${join(dir, 'b.yaml')} to a folder of its own, as stack blog needs a state directory, a status.json and a history.jsonl of its own. Nothing was changed.`,
  );
});

test('is another matter where the names are one, where a manifest was renamed, and where none can be read', async () => {
  await write('b.yaml', 'shop');
  await refuse('b.yaml', 'manifest.yaml');
  await write('manifest.yaml', 'blog');
  await refuse('manifest.yaml', 'manifest.yaml');
  await refuse('none.yaml', 'manifest.yaml');
});
