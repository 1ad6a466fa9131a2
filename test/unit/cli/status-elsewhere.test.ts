/** A status.json that nobody writes any more, because the stack is controlled from another folder. */
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/program.js';
import { serveQuietEngine } from '../../support/quiet-engine.js';
import { acquire, holder } from '../../support/stack-lock.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { forgetSignals } from '../../support/forget-signals.js';

const MANIFEST = 'services: {}\n';
const BY_ANOTHER = `controlled by process ${String(holder.pid)} from another manifest, ${holder.manifest}`;
let dir = '';
let stdout = '';
let stderr = '';

beforeEach(async () => {
  dir = await temporaryDirectory();
  [stdout, stderr] = ['', ''];
  vi.stubEnv('NO_COLOR', '1');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  await writeFile(join(dir, 'manifest.yaml'), MANIFEST);
  await writeFile(join(dir, 'status.json'), JSON.stringify(READY));
  const engine = randomUUID();
  await serveQuietEngine(join(dir, 'engine.sock'), engine);
  await acquire(`${engine}/shop`, process.platform);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
});

const READY = {
  apiVersion: 'swiftdeploy/v1',
  kind: 'StackStatus',
  stack: 'shop',
  generation: 1,
  observedGeneration: 1,
  manifest: { path: holder.manifest, sha256: createHash('sha256').update(MANIFEST).digest('hex') },
  conditions: [{ type: 'Ready', status: 'True', reason: 'Settled', message: 'as the manifest says' }],
  services: [],
  policies: [],
  controller: { pid: holder.pid, version: '1.0.0', startedAt: holder.startedAt },
};

function swiftdeploy(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', ...args, '-f', join(dir, 'manifest.yaml')]);
}

describe('where a controller of another manifest has the stack', () => {
  test('the page says that it is frozen, and ends with 1', async () => {
    expect(await swiftdeploy('status')).toBe(1);
    expect(stdout).toContain(`${BY_ANOTHER}: this is what was seen last`);
    expect(stdout).toContain(
      `! nobody writes this status: look from ${holder.manifest}, or stop that controller`,
    );
  });

  test('the JSON stays as it is, people read it beside', async () => {
    expect(await swiftdeploy('status', '-o', 'json')).toBe(1);
    expect(JSON.parse(stdout)).toEqual(READY);
    expect(stderr).toContain(BY_ANOTHER);
  });

  test('nothing is waited for', async () => {
    expect(await swiftdeploy('wait', '--for=condition=Ready', '--timeout=1h')).toBe(1);
    expect(stderr).toBe(`stack shop is ${BY_ANOTHER}: edit that one, or stop that controller\n`);
  });
});
