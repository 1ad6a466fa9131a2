/** Break-glass as a person types it: denied, overridden once and on record, refused where the policies say so. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { OverrideFile } from '../../src/reconcilers/policy/override-file.js';
import { removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { manifestOf, workload } from '../support/manifest.js';
import { checkRecords, readHistory, readStatus } from '../support/records.js';
import { CommandLine, scratchFolder } from '../support/swiftdeploy.js';
import { until } from '../support/until.js';

/** Several commands in a row, on a machine that may be busy. */
const STACK = `swd-override-${String(process.pid)}`;

/** No machine has that; the policies of this stack never let it be overridden. */
const NEVER = '{ infrastructure: { min_mem_free_percent: 101 } }';

let cli: CommandLine;
let version = 1;

/** Of one domain of the stack's policies. */
async function editData(domain: string, edit: (data: Record<string, unknown>) => unknown): Promise<void> {
  const path = cli.path(`policies/${domain}/data.json`);
  const data = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify(edit(data)));
}

/** A manifest that the policies deny. */
async function nextVersion(): Promise<void> {
  version += 1;
  const text = await readFile(cli.path('manifest.yaml'), 'utf8');
  await writeFile(
    cli.path('manifest.yaml'),
    text.replace(/version: "?\d+"?/, `version: "${String(version)}"`),
  );
}

async function overrides() {
  const events = await readHistory(cli.path('history.jsonl'));
  return events.filter(({ event }) => event === 'policy_overridden');
}

async function policyAllowed() {
  const status = await readStatus(cli.path('status.json'));
  return status?.conditions.find(({ type }) => type === 'PolicyAllowed');
}

beforeAll(async () => {
  cli = new CommandLine(await scratchFolder());
  const ports = { proxy: await freePort(), opa: await freePort() };
  await writeFile(cli.path('manifest.yaml'), stringify(manifestOf(STACK, ports, workload({ name: 'app' }))));
  await editData('infrastructure', ({ thresholds }) => ({
    thresholds: { ...(thresholds as object), min_disk_free_gb: 1_000_000 },
  }));
  await editData('override', () => ({
    allowed: true,
    never: { domains: [], codes: ['min_mem_free_percent'] },
  }));
});

afterAll(async () => {
  await removeAllOf(STACK);
  await cli.dispose();
});

test('a reason that says nothing is refused before anything is done', async () => {
  const { code, stderr } = await cli.run('deploy', '--override', ' \t-');
  expect([code, stderr]).toEqual([1, expect.stringContaining('say why')]);
  expect(await readStatus(cli.path('status.json'))).toBeUndefined();
});

test('what is denied is done once, on record before the first step, and shown', async () => {
  expect((await cli.run('deploy')).code).toBe(2);
  const { code, stderr } = await cli.run('deploy', '--override', 'INC-42: the disk\ngrows\u001b[2J tonight');
  expect(stderr).toMatch(/overridden for generation 1: deploy, by .+@.+: INC-42: the disk grows tonight/);
  expect([code, (await overrides()).length]).toEqual([0, 1]);
  const [event] = await overrides();
  expect(event).toMatchObject({
    generation: 1,
    question: 'deploy',
    why: 'INC-42: the disk grows tonight',
    who: expect.stringMatching(/.+@.+/) as string,
    denied: [{ question: 'deploy', domain: 'infrastructure', code: 'min_disk_free_gb' }],
    revision: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  const served = (await readHistory(cli.path('history.jsonl'))).find((told) => told.event === 'deploy');
  expect(event?.seq).toBeLessThan(served?.seq ?? 0);

  expect(await policyAllowed()).toMatchObject({ status: 'True', reason: 'Overridden' });
  expect((await policyAllowed())?.message).toMatch(
    /"INC-42: the disk grows tonight" \(infrastructure: disk_free_gb/,
  );
  await checkRecords(cli.path('status.json'), cli.path('history.jsonl'));
  await cli.succeed('audit');
  const report = await readFile(cli.path('audit_report.md'), 'utf8');
  expect(report.split('\n## Overrides\n')[1]).toMatch(
    /INC-42: the disk grows tonight \| deploy .* \| 1 \| infra/,
  );
});

test('the next change of the manifest needs another one; what is left for an older one is ignored, and said so', async () => {
  const file = new OverrideFile(cli.path('.swiftdeploy'));
  expect(await file.read()).toBeUndefined();
  const { manifest } = (await readStatus(cli.path('status.json'))) as { manifest: { sha256?: string } };
  const stale = {
    manifestSha256: manifest.sha256 ?? '',
    generation: 1,
    who: 'ana@host',
    why: 'INC-1',
    at: 'then',
  };
  await nextVersion();
  await file.leave(stale);
  const { code, stderr } = await cli.run('deploy');
  expect([code, stderr]).toEqual([2, expect.stringContaining('ana@host asked for is ignored')]);
  expect(await overrides()).toHaveLength(1);
  expect(await policyAllowed()).toMatchObject({ status: 'False', reason: 'Denied' });
});

test('policies that forbid it have the last word, in their own words', async () => {
  const text = await readFile(cli.path('manifest.yaml'), 'utf8');
  await writeFile(cli.path('manifest.yaml'), `${text}policy: ${NEVER}\n`);
  const { code, stderr } = await cli.run('deploy', '--override', 'please');
  expect(stderr).toContain('! min_mem_free_percent of infrastructure cannot be overridden');
  expect(stderr).toContain('the policies do not let this be overridden');
  expect([code, (await overrides()).length]).toEqual([2, 1]);
  expect(await policyAllowed()).toMatchObject({ status: 'False', reason: 'OverrideRefused' });
  expect(await new OverrideFile(cli.path('.swiftdeploy')).read()).toBeUndefined();
});

test('a controller that runs says their no to whoever asked, and keeps it in the status after the command', async () => {
  await nextVersion();
  const controller = cli.start('run', '--listen', 'off');
  onTestFinished(() => void controller.child.kill('SIGKILL'));
  await until('it denied', () => controller.said.stderr.includes('denied by policy'), {
    explain: () => controller.said.stderr,
  });
  const before = (await readHistory(cli.path('history.jsonl'))).at(-1)?.seq ?? 0;
  const { code, stderr } = await cli.run('deploy', '--override', 'please');
  const no = 'min_mem_free_percent of infrastructure cannot be overridden';
  expect([code, stderr]).toEqual([2, expect.stringContaining(no)]);
  await cli.run('reconcile');
  expect(await policyAllowed()).toMatchObject({
    reason: 'OverrideRefused',
    message: expect.stringContaining(no),
  });
  const since = (await readHistory(cli.path('history.jsonl'))).filter(({ seq }) => seq > before);
  expect(since).toMatchObject([{ event: 'policy_denied', question: 'override', why: 'please' }]);
  controller.child.kill('SIGTERM');
  await controller.ended;
});

test('a controller that runs takes it up, for a promotion too', async () => {
  const text = await readFile(cli.path('manifest.yaml'), 'utf8');
  await writeFile(cli.path('manifest.yaml'), text.replace(`policy: ${NEVER}\n`, ''));
  const controller = cli.start('run', '--listen', 'off');
  onTestFinished(() => void controller.child.kill('SIGKILL'));
  await until('it denied', () => controller.said.stderr.includes('denied by policy'), {
    explain: () => controller.said.stderr,
  });
  const { code, stderr } = await cli.run('promote', 'canary', '--override', 'INC-43');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/overridden for generation \d: .*: INC-43/)]);
  const again = await cli.run('deploy', '--override', 'INC-44');
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('the override was not needed')]);
  controller.child.kill('SIGTERM');
  await controller.ended;
  expect((await overrides()).map(({ why }) => why)).toEqual(['INC-42: the disk grows tonight', 'INC-43']);
});
