/**
 * A process of its own, without root's rights, because root may read everything: watches a file in the directory named on
 * its command line while its permissions are taken away and given back, and says what it noticed.
 */

import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileTrigger } from '../../../src/controller/triggers/file-trigger.js';

const NOBODY = 65_534;
const [directory = ''] = process.argv.slice(2);
const path = join(directory, 'manifest.yaml');
await writeFile(path, 'one');
if (process.getuid?.() === 0) {
  await chown(path, NOBODY, NOBODY);
  await chmod(directory, 0o755);
  process.seteuid?.(NOBODY);
}

let notice: () => void = () => undefined;
const trigger = new FileTrigger({ key: 'stack', paths: [path], pollMs: 1_000_000 });
await trigger.start(() => notice());
for (const [mode, words] of [
  [0o000, 'taken away'],
  [0o644, 'given back'],
] as const) {
  const noticed = new Promise<void>((resolve) => (notice = resolve));
  await chmod(path, mode);
  await noticed;
  process.stdout.write(`${words}\n`);
}
await trigger.stop();
