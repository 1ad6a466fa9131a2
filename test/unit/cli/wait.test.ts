import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/program.js';
import { wantedOption } from '../../../src/cli/wait/wanted.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { until } from '../../support/until.js';
import { forgetSignals } from '../../support/forget-signals.js';

const SEEN_LAST = '! the container engine does not answer: this is what was seen last\n';
let dir = '';
let stdout = '';
let stderr = '';
const path = (name: string) => join(dir, name);

beforeEach(async () => {
  dir = await temporaryDirectory();
  [stdout, stderr] = ['', ''];
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('DOCKER_HOST', `unix://${dir}/no-engine.sock`);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  await writeFile(path('manifest.yaml'), 'services: {}\n');
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  forgetSignals();
});

function wait(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', 'wait', '-f', path('manifest.yaml'), ...args]);
}

/** As the controller writes it: another file, in the place of the one before. */
async function status(
  conditions: Readonly<Record<string, string>>,
  manifest = path('manifest.yaml'),
): Promise<void> {
  const sha256 = createHash('sha256')
    .update(await readFile(manifest))
    .digest('hex');
  const document = {
    kind: 'StackStatus',
    stack: 'shop',
    generation: 4,
    manifest: { path: manifest, sha256 },
    services: [],
    policies: [],
    conditions: Object.entries(conditions).map(([type, value]) => ({
      type,
      status: value,
      reason: 'Because',
      message: `as ${type} is`,
    })),
  };
  await writeFile(path('.status.tmp'), JSON.stringify(document));
  await rename(path('.status.tmp'), path('status.json'));
}

describe('what holds already', () => {
  test.each([
    [['--for=condition=Ready']],
    [['--for=condition=ready=true']],
    [['--for', 'condition=Stalled=False']],
    [['--for=condition=Ready', '--for=condition=Stalled=False', '--for=Condition=CanaryHealthy=unknown']],
  ])('%j', async (args) => {
    await status({ Ready: 'True', Stalled: 'False', CanaryHealthy: 'Unknown' });
    expect(await wait(...args)).toBe(0);
    expect(stderr).toContain('✔ ');
    expect(stdout).toBe('');
  });
});

describe('what comes while we wait', () => {
  test('a status that is not there yet, then a condition', async () => {
    const ended = wait('--for=condition=Ready', '--timeout=30s');
    await status({ Ready: 'False' });
    await status({ Ready: 'True' });
    expect(await ended).toBe(0);
    expect(stderr).toBe('✔ Ready is True (Because): as Ready is\n');
  });

  test('several hold only together', async () => {
    await status({ Ready: 'True', Stalled: 'True' });
    const ended = wait('--for=condition=Ready', '--for=condition=Stalled=False', '--timeout=30s');
    await status({ Ready: 'False', Stalled: 'False' });
    await status({ Ready: 'True', Stalled: 'False' });
    expect(await ended).toBe(0);
  });

  test('the manifest as it is now: what was said of the one before does not count', async () => {
    await writeFile(path('old.yaml'), 'old\n');
    await status({ Ready: 'True' }, path('old.yaml'));
    const ended = wait('--for=condition=Ready', '--timeout=30s');
    await status({ Ready: 'True' });
    expect(await ended).toBe(0);
  });
});

describe('what never comes: exit code 1, and what it was last', () => {
  test('another status', async () => {
    await status({ Ready: 'False' });
    expect(await wait('--for=condition=Ready', '--timeout=50ms')).toBe(1);
    expect(stderr).toBe(`${SEEN_LAST}not within 0.05 s: Ready=True\nReady is False (Because): as Ready is\n`);
  });

  test('--timeout=0 is one look', async () => {
    await status({ Ready: 'False' });
    expect(await wait('--for=condition=Ready', '--timeout=0')).toBe(1);
    expect(stderr).toBe(`${SEEN_LAST}not now: Ready=True\nReady is False (Because): as Ready is\n`);
    await status({ Ready: 'True' });
    expect(await wait('--for=condition=Ready', '--timeout=0s')).toBe(0);
  });

  test('a condition that is absent', async () => {
    await status({ Ready: 'True' });
    expect(await wait('--for=condition=Promoted', '--timeout=50ms')).toBe(1);
    expect(stderr).toContain('Promoted is absent, as when no service has a canary');
  });

  test('a status that says why the manifest on disk does not count', async () => {
    await status({ Ready: 'True', ManifestValid: 'False' });
    await writeFile(path('manifest.yaml'), 'services: 7\n');
    expect(await wait('--for=condition=Ready', '--timeout=50ms')).toBe(1);
    expect(stderr).toContain('ManifestValid is False (Because): as ManifestValid is');
  });

  test('a status about another manifest, unless any will do', async () => {
    await writeFile(path('old.yaml'), 'old\n');
    await status({ Ready: 'True' }, path('old.yaml'));
    expect(await wait('--for=condition=Ready', '--timeout=50ms')).toBe(1);
    expect(stderr).toContain('about another manifest (generation 4) than the one on disk');
    expect(await wait('--for=condition=Ready', '--timeout=50ms', '--any-generation')).toBe(0);
  });

  test.each([
    ['no status', undefined, 'there is no'],
    ['half a status', '{"kind": "St', 'is not JSON'],
    ['no status of ours', '[]', 'is not a status of SwiftDeploy'],
  ])('%s', async (_what, text, says) => {
    if (text !== undefined) await writeFile(path('status.json'), text);
    expect(await wait('--for=condition=Ready', '--timeout=50ms')).toBe(1);
    expect(stderr).toContain(says);
  });

  test('no manifest', async () => {
    await status({ Ready: 'True' });
    await rm(path('manifest.yaml'));
    expect(await wait('--for=condition=Ready', '--timeout=50ms')).toBe(1);
    expect(stderr).toContain('manifest.yaml does not exist');
  });
});

test('Ctrl-C: 130, and what it was last', async () => {
  await status({ Ready: 'False' });
  const listeners = process.listenerCount('SIGINT');
  const ended = wait('--for=condition=Ready', '--timeout=30s');
  await until('it listens to the signal', () => process.listenerCount('SIGINT') > listeners);
  process.emit('SIGINT');
  expect(await ended).toBe(130);
  expect(stderr).toContain('interrupted: Ready is False (Because)');
});

describe('what is asked for badly', () => {
  test.each([
    ['condition=Redy', 'Did you mean Ready?'],
    ['condition=READI', 'Did you mean Ready?'],
    ['condition=Ready=Flase', 'Did you mean False?'],
    ['condition=Nonsense', 'there are Ready, Reconciling'],
    ['condition', 'write condition=Ready'],
    ['condition=', 'write condition=Ready'],
    ['jsonpath={.x}', 'write condition=Ready'],
    ['condition=Ready=True=Yes', 'write condition=Ready'],
  ])('%s', async (value, says) => {
    expect(() => wantedOption(value)).toThrow(says);
    expect(await wait(`--for=${value}`)).toBe(1);
    expect(stderr).toContain(says);
  });

  test('nothing at all', async () => {
    expect(await wait()).toBe(1);
    expect(stderr).toContain("required option '--for <what>' not specified");
  });
});

describe('delete', () => {
  test('needs to know which stack', async () => {
    expect(await wait('--for=delete', '--timeout=2s')).toBe(1);
    expect(stderr).toContain('which stack?');
  });
});
