import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Rollouts } from '../../../src/cli/audit/rollouts.js';
import { main } from '../../../src/cli/program.js';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { validatorOf } from '../../support/published-schemas.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { EMPTY_STATUS } from '../../support/empty-status.js';

const START = Date.parse('2026-05-05T20:00:00Z');

let dir = '';
let stdout = '';
let stderr = '';

beforeEach(async () => {
  dir = await temporaryDirectory();
  [stdout, stderr] = ['', ''];
  vi.stubEnv('NO_COLOR', '1');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function starts(version: string): HistoryEventInput {
  return { event: 'promote', target_mode: 'canary', service: 'app', version, spec_hash: `hash-${version}` };
}

function step(version: string, index: number, weight: number, paused = false): HistoryEventInput {
  return { event: 'canary_step', service: 'app', version, step: index, steps: 3, weight, paused };
}

function look(requests: number, errors: number, verdict = 'hold', step = 1): HistoryEventInput {
  const canary = { requests, errors, slow: 0 };
  return {
    event: 'canary_look',
    service: 'app',
    step,
    steps: 3,
    weight: 5,
    verdict,
    message: 'm',
    canary,
  };
}

const PROMOTED = [
  starts('2'),
  step('2', 1, 5),
  look(10, 0),
  look(100, 1, 'advance'),
  // Nobody is at the second step before it is served.
  look(100, 1, 'hold', 2),
  step('2', 2, 5, true),
  step('2', 3, 50),
  look(400, 3, 'advance'),
  { event: 'promote', target_mode: 'stable', service: 'app', version: '2', spec_hash: 'hash-2' },
] as const;

const TAKEN_BACK = [
  starts('3'),
  step('3', 1, 5),
  {
    event: 'replica_failed',
    service: 'app',
    track: 'canary',
    version: '3',
    message: '12 of 20 requests failed',
  },
  look(20, 12, 'rollback'),
  { event: 'rollback', service: 'app', version: '2', from: '3', target_mode: 'stable', cause: 'app 3: harm' },
] as const;

const ABORTED = [
  step('4', 1, 5),
  starts('4'),
  { event: 'rollback', service: 'app', version: '2', from: '4', target_mode: 'stable' },
] as const;

const NEVER_HEALTHY = [
  { event: 'replica_failed', service: 'app', track: 'canary', version: '5', message: 'exited with 1' },
] as const;

const BAKED = [
  starts('8'),
  step('8', 3, 50),
  look(100, 2),
  { ...step('8', 3, 100), bake_seconds: 600 },
  look(150, 1, 'advance'),
  { event: 'promote', target_mode: 'stable', service: 'app', version: '8', spec_hash: 'hash-8' },
] as const;

const REMOVED = [
  starts('9'),
  step('9', 1, 5),
  look(10, 0),
  { event: 'manifest_changed', generation: 9, sha256: 'a'.repeat(64), removed: ['db', 'app'] },
  // What was being judged may still be told.
  look(20, 0),
] as const;

const SUPERSEDED = [starts('6'), step('6', 1, 5), starts('7'), step('7', 1, 5)] as const;

/** One event a second. */
async function write(events: readonly HistoryEventInput[]): Promise<void> {
  let at = START;
  const log = await HistoryLog.open(join(dir, 'history.jsonl'), { now: () => new Date((at += 1000)) });
  for (const event of events) await log.append(event);
  await log.close();
}

function swiftdeploy(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', ...args, '-f', join(dir, 'manifest.yaml')]);
}

function errorsOf(name: string, document: unknown) {
  const validate = validatorOf(name);
  return validate(document) ? [] : validate.errors;
}

const ALL = [...PROMOTED, ...TAKEN_BACK, ...ABORTED, ...NEVER_HEALTHY, ...SUPERSEDED];

describe('rollout history', () => {
  test('tells each canary, its steps and how it ended', async () => {
    await write(ALL);
    expect(await swiftdeploy('rollout', 'history')).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "2026-05-05T20:00:01Z  ✔ app 2: promoted after 8.0 s
          5 % → pause → 50 %
      2026-05-05T20:00:10Z  ↩ app 3: rolled back after 4.0 s
          5 %
          app 3: harm
      2026-05-05T20:00:15Z  ↩ app 4: aborted after 2.0 s
          5 %
      2026-05-05T20:00:18Z  ✘ app 5: failed
          exited with 1
      2026-05-05T20:00:19Z  ↷ app 6: superseded after 2.0 s
          5 %
      2026-05-05T20:00:21Z  ▸ app 7: goes on
          5 %
      "
    `);
  });

  test('as JSON obeys its schema; the counts are those of each step', async () => {
    await write(ALL);
    expect(await swiftdeploy('rollout', 'history', '-o', 'json')).toBe(0);
    const document = JSON.parse(stdout) as { rollouts: { steps: { items: object[] } }[] };
    expect(errorsOf('rollout-history', document)).toEqual([]);
    expect(document.rollouts[0]?.steps.items).toMatchObject([
      { weight: 5, looks: 2, requests: 100, errors: 1, verdict: 'advance' },
      { weight: 5, paused: true, looks: 0 },
      { weight: 50, looks: 1, requests: 300, errors: 2 },
    ]);
  });

  test('the newest so many, of one service', async () => {
    await write(ALL);
    expect(await swiftdeploy('rollout', 'history', '-n', '1', '--service', 'app')).toBe(0);
    expect(stdout).toContain('5 earlier ones not shown');
    stdout = '';
    expect(await swiftdeploy('rollout', 'history', '--service', 'other')).toBe(0);
    expect(stdout).toBe('There was no canary yet.\n');
  });

  test('without a history: no canary, which is no error', async () => {
    expect(await swiftdeploy('rollout', 'history')).toBe(0);
    expect(stdout).toBe('There was no canary yet.\n');
    expect(stderr).toContain(`no events yet: there is no ${join(dir, 'history.jsonl')}`);
    stdout = '';
    expect(await swiftdeploy('rollout', 'history', '-o', 'json')).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ omitted: 0, rollouts: [] });
  });

  test('of a service that neither the stack nor the history knows is a sentence', async () => {
    await write(ALL);
    const services = ['api', 'web'].map((name) => ({ name, mode: 'stable', tracks: [] }));
    const status = { ...EMPTY_STATUS, services };
    await writeFile(join(dir, 'status.json'), JSON.stringify(status));
    expect(await swiftdeploy('rollout', 'history', '--service', 'nope')).toBe(1);
    expect([stdout, stderr]).toEqual(['', 'there is no service nope: there are api, web\n']);
    expect(await swiftdeploy('rollout', 'history', '--service', 'api')).toBe(0);
    expect(stdout).toBe('There was no canary yet.\n');
    expect(await swiftdeploy('rollout', 'history', '--service', 'app')).toBe(0);
    expect(stdout).toContain('app 2: promoted');
  });

  test('a bake is the last of the steps, and counted from its beginning', async () => {
    await write(BAKED);
    expect(await swiftdeploy('rollout', 'history')).toBe(0);
    expect(stdout).toContain('50 % → bake\n');
    stdout = '';
    await swiftdeploy('rollout', 'history', '-o', 'json');
    const document = JSON.parse(stdout) as { rollouts: { steps: { items: object[] } }[] };
    expect(errorsOf('rollout-history', document)).toEqual([]);
    expect(document.rollouts[0]?.steps.items[1]).toMatchObject({ bakes: true, requests: 150, errors: 1 });
    const report = join(dir, 'report.md');
    await swiftdeploy('audit', '--output', report);
    expect(await readFile(report, 'utf8')).toContain('| bake | 100 % |');
  });

  test('a canary whose service was removed has ended', async () => {
    await write(REMOVED);
    expect(await swiftdeploy('rollout', 'history', '--service', 'app')).toBe(0);
    expect(stdout).toContain('✂ app 9: removed after 3.0 s\n    5 %\n    the service was removed');
    stdout = '';
    expect(await swiftdeploy('rollout', 'history', '-o', 'json')).toBe(0);
    const document = JSON.parse(stdout) as { rollouts: object };
    expect(errorsOf('rollout-history', document)).toEqual([]);
    expect(JSON.stringify(document)).toContain('"outcome":"removed"');
    expect(await swiftdeploy('audit', '--output', join(dir, 'audit.md'))).toBe(0);
    expect(await readFile(join(dir, 'audit.md'), 'utf8')).toContain('✂ removed at ');
  });

  test('one whose stack was torn down has ended, for who asks for its service, too', async () => {
    await write([
      ...REMOVED.filter(({ event }) => event !== 'manifest_changed'),
      { event: 'step', step: 'teardown' },
    ]);
    expect(await swiftdeploy('rollout', 'history', '--service', 'app')).toBe(0);
    expect(stdout).toContain('the stack was removed');
  });

  test('one whose service was removed goes on in another', () => {
    const rollouts = new Rollouts(10);
    const timestamp = '2026-05-05T20:00:00Z';
    for (const event of [...REMOVED, starts('9')]) rollouts.add({ ...event, timestamp });
    rollouts.add({ event: 'manifest_changed', timestamp, removed: ['other'] });
    expect(rollouts.listing().items.map(({ outcome }) => outcome)).toEqual(['removed', 'goes on']);
  });

  test.each([{ event: 'step', step: 'teardown' }, { event: 'source_pruned' }])(
    'all have ended with their stack: $event',
    (end) => {
      const rollouts = new Rollouts(10);
      const timestamp = '2026-05-05T20:00:00Z';
      for (const event of [starts('9'), { ...starts('3'), service: 'db' }, end])
        rollouts.add({ ...event, timestamp });
      const [app, db] = rollouts.listing().items;
      expect(app).toMatchObject({ outcome: 'removed', message: 'the stack was removed', ended: timestamp });
      expect(db).toMatchObject({ service: 'db', outcome: 'removed' });
    },
  );

  test('counts that begin again are not negative', () => {
    const rollouts = new Rollouts(5);
    const events = [step('2', 1, 5), look(100, 4), step('2', 2, 9), look(30, 1)];
    for (const event of events) rollouts.add({ timestamp: '', ...event });
    const [rollout] = rollouts.listing().items;
    expect(rollout?.steps.items[1]).toMatchObject({ requests: 30, errors: 1 });
  });
});

describe('the audit of canaries', () => {
  test('is a section each, with a table of the steps; looks that say nothing new fill no timeline', async () => {
    await write([...PROMOTED, ...TAKEN_BACK]);
    const report = join(dir, 'report.md');
    expect(await swiftdeploy('audit', '--output', report)).toBe(0);
    const page = await readFile(report, 'utf8');
    expect(page.split('\n## Rollouts\n\n')[1]?.split('\n\n## ')[0]).toMatchInlineSnapshot(`
      "### app 2, 2026-05-05T20:00:01Z

      ✔ promoted at 2026-05-05T20:00:09Z, after 8.0 s

      | Step | Share | From | Until | Looks Told | Requests | Errors | Slow | Last Verdict |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      | 1 of 3 | 5 % | 2026-05-05T20:00:02Z | 2026-05-05T20:00:06Z | 2 | 100 | 1 | 0 | advance |
      | 2 of 3 | 5 %, a pause | 2026-05-05T20:00:06Z | 2026-05-05T20:00:07Z | 0 | – | – | – | – |
      | 3 of 3 | 50 % | 2026-05-05T20:00:07Z | 2026-05-05T20:00:09Z | 1 | 300 | 2 | 0 | advance |

      ### app 3, 2026-05-05T20:00:10Z

      ↩ rolled back at 2026-05-05T20:00:14Z, after 4.0 s: app 3: harm

      | Step | Share | From | Until | Looks Told | Requests | Errors | Slow | Last Verdict |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      | 1 of 3 | 5 % | 2026-05-05T20:00:11Z | 2026-05-05T20:00:12Z | 1 | 20 | 12 | 0 | rollback |"
    `);
    expect(page.match(/\| canary\\?_look \|/g)).toHaveLength(5);
  });

  test('has a row for each share that was no step', async () => {
    const share = (weight: number, cause: string) =>
      ({ ...step('2', 1, weight), event: 'canary_share', cause }) as const;
    const away = share(100, 'no replica of stable works');
    const back = share(5, 'as its step says again');
    await write([starts('2'), step('2', 1, 5), look(10, 0), away, look(50, 0), back, look(60, 0)]);
    await swiftdeploy('audit', '-o', 'json');
    const report = JSON.parse(stdout) as { rollouts: { items: { steps: { items: object[] } }[] } };
    expect(errorsOf('audit', report)).toEqual([]);
    expect(report.rollouts.items[0]?.steps.items).toMatchObject([
      { weight: 5, requests: 10 },
      { weight: 100, cause: 'no replica of stable works', requests: 40 },
      { weight: 5, requests: 10 },
    ]);
    stdout = '';
    await swiftdeploy('rollout', 'history');
    expect(stdout).toContain('5 % → 100 % (no replica of stable works) → 5 %');
  });

  test('as JSON obeys its schema', async () => {
    await write(ALL);
    await swiftdeploy('audit', '-o', 'json');
    expect(errorsOf('audit', JSON.parse(stdout))).toEqual([]);
  });
});

describe('rollout status', () => {
  const CANARY = {
    ...EMPTY_STATUS,
    services: [
      {
        name: 'app',
        mode: 'canary',
        version: '2',
        tracks: [],
        rollout: { step: 1, steps: 2, weight: 5, paused: false, holdSeconds: 60 },
      },
      { name: 'db', mode: 'stable', tracks: [] },
    ],
  };

  test('is the part of the status that is about canaries', async () => {
    await writeFile(join(dir, 'status.json'), JSON.stringify(CANARY));
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    expect(await swiftdeploy('rollout', 'status')).toBe(0);
    expect(stdout).toContain('ROLLOUT app\n  step      1 of 2, 5 % of the requests\n  held      not yet');
  });

  test('ends with 1 where no canary is under way, for people and for machines', async () => {
    await writeFile(join(dir, 'status.json'), JSON.stringify(CANARY));
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    expect(await swiftdeploy('rollout', 'status', '--service', 'db')).toBe(1);
    expect(stdout).toContain('No canary is under way.');
    stdout = '';
    expect(await swiftdeploy('rollout', 'status', '--service', 'db', '-o', 'json')).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'RolloutStatus', services: [] });
  });

  test('ends with 0 where a canary is on its way and has no share yet', async () => {
    const services = [{ name: 'app', mode: 'canary', version: '2', tracks: [] }, CANARY.services[1]];
    await writeFile(join(dir, 'status.json'), JSON.stringify({ ...CANARY, services }));
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    expect(await swiftdeploy('rollout', 'status')).toBe(0);
    expect(stdout).toContain('The canary app 2 is on its way: it has no share of the requests yet.');
    expect(stdout).not.toContain('No canary is under way.');
    expect(await swiftdeploy('rollout', 'status', '--service', 'db')).toBe(1);
    stdout = '';
    expect(await swiftdeploy('rollout', 'status', '-o', 'json')).toBe(0);
    const document = JSON.parse(stdout) as object;
    expect(errorsOf('rollout-status', document)).toEqual([]);
    expect(document).toMatchObject({ services: [{ name: 'app', mode: 'canary', version: '2' }] });
  });

  test('as JSON obeys its schema', async () => {
    await writeFile(join(dir, 'status.json'), JSON.stringify(CANARY));
    expect(await swiftdeploy('rollout', 'status', '-o', 'json')).toBe(0);
    const document = JSON.parse(stdout) as { services: object[] };
    expect(errorsOf('rollout-status', document)).toEqual([]);
    expect(document.services).toMatchObject([{ name: 'app', rollout: { weight: 5 } }]);
  });

  test('of a canary that failed ends with 1, of a service that is not there with a sentence', async () => {
    const at = '2026-05-05T20:00:00Z';
    const failed = [{ track: 'canary', version: '2', weight: 10, message: 'it does harm', at }];
    const services = [{ name: 'app', mode: 'canary', tracks: [], failed }];
    await writeFile(join(dir, 'status.json'), JSON.stringify({ ...CANARY, services }));
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
    expect(await swiftdeploy('rollout', 'status')).toBe(1);
    expect(stdout).toContain('app 2 failed on canary');
    expect(stdout).toMatch(/still has\s+10 % of the requests/);
    expect(await swiftdeploy('rollout', 'status', '--service', 'ap')).toBe(1);
    expect(stderr).toContain('there is no service ap');
  });
});
