/** What a machine is told of a deployment that a bad manifest kept from its beginning. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/program.js';
import { forgetSignals } from '../../support/forget-signals.js';
import { validatorOf } from '../../support/published-schemas.js';
import { serveQuietEngine } from '../../support/quiet-engine.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const validate = validatorOf('deploy');

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
});

test.each([
  ['services: 7\n', 'manifest.yaml:1:11 services must be'],
  [undefined, 'manifest.yaml does not exist'],
])('the document has the problems of %j', async (text, says) => {
  let stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((stdout += String(chunk)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const dir = await temporaryDirectory();
  const manifest = join(dir, 'manifest.yaml');
  if (text !== undefined) await writeFile(manifest, text);
  await serveQuietEngine(join(dir, 'engine.sock'), `engine-${randomUUID()}`);
  expect(await main(['node', 'swiftdeploy', 'deploy', '-o', 'json', '-f', manifest])).toBe(3);
  const document = JSON.parse(stdout) as { conditions: { type: string; message: string }[] };
  expect(validate(document) ? [] : validate.errors).toEqual([]);
  expect(document.conditions.find(({ type }) => type === 'Ready')?.message).toContain(says);
});
