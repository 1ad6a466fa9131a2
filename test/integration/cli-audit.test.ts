import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditReport } from '../../src/cli/audit/audit-report.js';
import { main } from '../../src/cli/program.js';
import type { HistoryEventInput } from '../../src/controller/history/history-event.js';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { validatorOf } from '../support/published-schemas.js';
import { temporaryDirectory } from '../unit/controller/temporary-directory.js';

const START = Date.parse('2026-05-05T20:00:00Z');

let dir = '';
let stdout = '';
let stderr = '';
const path = (name: string) => join(dir, name);

beforeEach(async () => {
  dir = await temporaryDirectory();
  [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** One event a second. */
async function history(inputs: readonly HistoryEventInput[], maxBytes?: number): Promise<void> {
  let at = START;
  const now = () => new Date((at += 1000));
  const log = await HistoryLog.open(path('history.jsonl'), {
    now,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  for (const input of inputs) await log.append(input);
  await log.close();
}

function audit(...args: string[]): Promise<number> {
  const report = ['--output', path('report.md')];
  return main(['node', 'swiftdeploy', 'audit', '-f', path('manifest.yaml'), ...report, ...args]);
}

async function page(): Promise<string> {
  return readFile(path('report.md'), 'utf8');
}

async function section(title: string): Promise<string> {
  const [, text = ''] = (await page()).split(`\n## ${title}\n\n`);
  return (text.split('\n## ')[0] ?? '').trimEnd();
}

async function facts(): Promise<AuditReport> {
  await audit('-o', 'json');
  return JSON.parse(stdout) as AuditReport;
}

function scrape(fields: Readonly<Record<string, unknown>> = {}): HistoryEventInput {
  return {
    event: 'status_scrape',
    service: 'app',
    mode: 'canary',
    error_rate_percent: 0,
    p99_latency_ms: 12,
    policy_infra_pass: true,
    policy_canary_pass: true,
    chaos: 'none',
    ...fields,
  };
}

function denied(observed: number, more: Readonly<Record<string, unknown>> = {}): HistoryEventInput {
  const message = `disk_free_gb is ${String(observed)}, minimum required is 10`;
  return {
    event: 'policy_denied',
    question: 'deploy',
    service: 'app',
    domains: ['infrastructure'],
    reasons: [{ code: 'min_disk_free_gb', message, observed, limit: 10 }],
    proceeded: false,
    ...more,
  };
}

/** As events have them since each says whose it is. */
const OF_TWO = [
  { domain: 'freeze', code: 'frozen', message: 'ask Ana' },
  { domain: 'infrastructure', code: 'min_disk_free_gb', message: 'disk_free_gb is 3' },
];

const WALK: readonly HistoryEventInput[] = [
  { event: 'controller_started', pid: 7 },
  { event: 'manifest_changed', generation: 1, sha256: 'a'.repeat(64) },
  denied(4.2),
  { event: 'deploy', service: 'app', version: '1.0.0', mode: 'stable', generation: 1 },
  { event: 'drift_detected', kind: 'removed', target: 'x-app', cause: 'x-app is gone' },
  { event: 'drift_healed', kind: 'removed', target: 'x-app', cause: 'x-app is gone', duration_ms: 924 },
  { event: 'manifest_changed', generation: 2, sha256: 'b'.repeat(64) },
  { event: 'promote', service: 'app', version: '1.1.0', target_mode: 'canary', generation: 2 },
  scrape(),
  scrape({ chaos: 'error', error_rate_percent: 62.5, policy_canary_pass: false }),
  scrape({ chaos: 'error', error_rate_percent: 48, policy_canary_pass: false }),
  scrape(),
  { event: 'manifest_changed', generation: 3, sha256: 'c'.repeat(64) },
  { event: 'promote', service: 'app', version: '1.1.0', target_mode: 'stable', generation: 3 },
  { event: 'controller_started', pid: 8 },
];

describe('the report of a whole history', () => {
  test('says so first, and prints where it is', async () => {
    await history(WALK);
    expect(await audit()).toBe(0);
    expect(stdout).toBe(`${path('report.md')}\n`);
    expect(stderr).toBe('');
    expect((await page()).split('\n').slice(0, 3)).toEqual([
      '# Audit Report',
      '',
      '✔ The history is whole: 15 events in 1 file, every line carries the hash of the one before.',
    ]);
    expect((await readdir(dir)).sort()).toEqual(['history.jsonl', 'report.md']);
  });

  test('has the published tables', async () => {
    await history(WALK);
    await audit();
    expect(await section('Mode Changes')).toMatchInlineSnapshot(`
      "| Timestamp | From | To | Service |
      | --- | --- | --- | --- |
      | 2026-05-05T20:00:08Z | stable | canary | app 1.1.0 |
      | 2026-05-05T20:00:14Z | canary | stable | app 1.1.0 |"
    `);
    expect(await section('Policy Violations')).toMatchInlineSnapshot(`
      "| Timestamp | Infrastructure | Canary | Error Rate | P99 | Other Policies | Service |
      | --- | --- | --- | --- | --- | --- | --- |
      | 2026-05-05T20:00:03Z | ✘ FAIL | – | – | – |  | app |
      | 2026-05-05T20:00:10Z – 2026-05-05T20:00:11Z (2×) | ✔ PASS | ✘ FAIL | 48.00 – 62.50% | 12 ms |  | app |"
    `);
  });

  test('names domains that have no column of their own there, with what they said', async () => {
    const freeze = ['not on a Friday', { code: 'freeze', message: 'ask Ana' }];
    await history([
      denied(1, { domains: ['freeze'], reasons: freeze }),
      denied(2, { domains: ['freeze', 'infrastructure'], reasons: ['no', 'disk_free_gb is 2'] }),
      denied(3, { domains: ['freeze', 'infrastructure'], reasons: OF_TWO, service: undefined }),
    ]);
    await audit();
    expect((await section('Policy Violations')).split('\n').slice(2)).toEqual([
      '| 2026-05-05T20:00:01Z | – | – | – | – | freeze: not on a Friday, ask Ana | app |',
      '| 2026-05-05T20:00:02Z | ✘ FAIL | – | – | – | freeze | app |',
      '| 2026-05-05T20:00:03Z | ✘ FAIL | – | – | – | freeze: ask Ana |  |',
    ]);
  });

  test('says there why no policy answered', async () => {
    const message = 'OPA did not answer in time: no answer within 2 s';
    await history([denied(1, { reasons: [{ code: 'OPA_TIMEOUT', message }] })]);
    await audit();
    expect((await section('Policy Violations')).split('\n').slice(2)).toEqual([
      '| 2026-05-05T20:00:01Z | ✘ no answer (OPA_TIMEOUT) | – | – | – |  | app |',
    ]);
  });

  test('tells deployments with duration and outcome, denials by rule, drift, chaos', async () => {
    await history(WALK);
    await audit();
    expect(await section('Deployments')).toMatchInlineSnapshot(`
      "| Started | Generation | What | Outcome | Duration |
      | --- | --- | --- | --- | --- |
      | 2026-05-05T20:00:02Z | 1 | app 1.0.0 | ✔ serves, after 1 denial | 2.0 s |
      | 2026-05-05T20:00:07Z | 2 | app 1.1.0 | ✔ canary serves | 1.0 s |
      | 2026-05-05T20:00:13Z | 3 | app 1.1.0 | ✔ promoted | 1.0 s |"
    `);
    expect(await section('Denials')).toContain(
      '| min_disk_free_gb | infrastructure | deploy | 1 | 2026-05-05T20:00:03Z | 2026-05-05T20:00:03Z | 4.2 | 10 |',
    );
    expect(await section('Drift')).toContain(
      '| 2026-05-05T20:00:05Z | x-app | removed: x-app is gone | made again | 924 ms |',
    );
    expect(await section('Chaos')).toContain(
      '| 2026-05-05T20:00:10Z | 2026-05-05T20:00:12Z | app | error | 2.0 s |',
    );
    expect(await section('Summary')).toContain('| Controller starts | 2, 1 without an orderly stop before |');
    expect(await section('Summary')).toContain('| Promotions | 1 |');
  });

  test('tells who overrode what, and why', async () => {
    const denial = { question: 'deploy', domain: 'infrastructure', code: 'min_disk', message: 'disk is 4.2' };
    const overridden = {
      event: 'policy_overridden',
      generation: 1,
      question: 'deploy',
      service: 'app',
    } as const;
    await history([
      { ...overridden, target: 'app-1', who: 'ana@host', why: 'INC-42 | tonight', denied: [denial] },
      { event: 'policy_overridden', why: 7, denied: ['x', null] },
    ]);
    await audit();
    expect(await section('Overrides')).toMatchInlineSnapshot(`
      "| Timestamp | Who | Why | What | Generation | Overruled |
      | --- | --- | --- | --- | --- | --- |
      | 2026-05-05T20:00:01Z | ana@host | INC-42 \\| tonight | deploy app | 1 | infrastructure: disk is 4.2 |
      | 2026-05-05T20:00:02Z | unknown | 7 | unknown | – | – |"
    `);
    expect(await section('Summary')).toContain('| Overrides | 2 |');
    expect(await section('Timeline')).toContain('overridden for generation 1: deploy, by ana@host: INC-42');
  });

  test('draws the highlights', async () => {
    await history(WALK);
    await audit();
    expect((await section('Timeline')).split('\n\n')[0]).toMatchInlineSnapshot(`
      "\`\`\`mermaid
      timeline
          section 2026-05-05
              20∶00∶03 : ⊘ denied∶ deploy app∶ disk_free_gb is 4.2, minimum required is 10
              20∶00∶04 : ★ app 1.0.0 serves
              20∶00∶05 : △ drift∶ x-app is gone
              20∶00∶06 : ✚ healed∶ x-app (is gone)
              20∶00∶08 : ★ app 1.1.0 serves as canary
              20∶00∶10 : chaos begins∶ error (app)
              20∶00∶10 : metrics of app canary∶ canary FAIL, chaos error, errors 48.00 – 62.50%… (2×)
              20∶00∶14 : ★ app 1.1.0 serves as stable
      \`\`\`"
    `);
  });

  test('as JSON obeys its schema, and writes no file unless asked', async () => {
    await history(WALK);
    expect(await main(['node', 'swiftdeploy', 'audit', '-f', path('manifest.yaml'), '-o', 'json'])).toBe(0);
    const validate = validatorOf('audit');
    validate(JSON.parse(stdout));
    expect(validate.errors).toBeNull();
    expect(validate({ ...(JSON.parse(stdout) as object), kind: 'Pod' })).toBe(false);
    expect(await readdir(dir)).toEqual(['history.jsonl']);
  });

  test('is the same bytes for the same history, over the one before', async () => {
    await history(WALK);
    await audit();
    const first = await page();
    await audit();
    expect(await page()).toBe(first);
  });
});

describe('what became of a generation', () => {
  test.each<[string, readonly HistoryEventInput[], object]>([
    ['nothing yet', [], { outcome: 'no new version' }],
    ['denied', [denied(1), denied(2)], { outcome: 'denied', denials: 2 }],
    [
      'a denial to heal is none of it',
      [denied(1, { question: 'heal' })],
      { outcome: 'no new version', denials: 0 },
    ],
    [
      'failed',
      [{ event: 'replica_failed', service: 'app', version: '2', message: 'exited', log: ['x'] }],
      { outcome: 'failed', message: 'exited', services: ['app 2'] },
    ],
    [
      'several services, the last one counts',
      [
        { event: 'deploy', service: 'a', version: '1', generation: 1 },
        { event: 'deploy', service: 'b', version: '2', generation: 1 },
      ],
      { outcome: 'serves', tookMs: 2000, services: ['a 1', 'b 2'] },
    ],
    [
      'rolled back',
      [{ event: 'rollback', service: 'app', version: '1', target_mode: 'stable', generation: 1 }],
      { outcome: 'rolled back', tookMs: 1000 },
    ],
  ])('%s', async (_what, events, expected) => {
    await history([{ event: 'manifest_changed', generation: 1 }, ...events]);
    const { deployments } = await facts();
    expect(deployments.items).toEqual([expect.objectContaining(expected)]);
  });

  test('a second end of the same service is a deployment of its own, begun by the controller that found it', async () => {
    await history([
      { event: 'manifest_changed', generation: 1 },
      { event: 'deploy', service: 'app', version: '1', generation: 1 },
      { event: 'controller_started' },
      { event: 'deploy', service: 'app', version: '1', generation: 1 },
    ]);
    const { deployments } = await facts();
    expect(deployments.items.map(({ tookMs }) => tookMs)).toEqual([1000, 1000]);
  });
});

describe('denials by rule', () => {
  test('where two domains denied at once, each has its own', async () => {
    await history([denied(3, { domains: ['freeze', 'infrastructure'], reasons: OF_TWO })]);
    const { denials } = await facts();
    expect(denials.map(({ rule, domain }) => [rule, domain])).toEqual([
      ['frozen', 'freeze'],
      ['min_disk_free_gb', 'infrastructure'],
    ]);
  });

  test.each([
    ['below a minimum', [denied(4), denied(2), denied(3)], 2],
    [
      'above a maximum',
      [5, 9, 7].map((observed) =>
        denied(0, { reasons: [{ code: 'max_load', message: 'busy', observed, limit: 2 }] }),
      ),
      9,
    ],
    [
      'the published sentence',
      [denied(0, { reasons: ['error_rate is 56.45%, maximum allowed is 1.00%'] })],
      56.45,
    ],
  ])('%s: the worst value', async (_what, events, worst) => {
    await history(events);
    const { denials } = await facts();
    expect(denials).toHaveLength(1);
    expect(denials[0]).toMatchObject({ count: events.length, worst });
  });
});

describe('a history that is not whole: the first line of the report, and exit code 1', () => {
  async function firstLine(): Promise<string | undefined> {
    expect(await audit()).toBe(1);
    expect(stderr).toContain('✘ The history cannot be trusted');
    expect(await page()).toContain('\n## Mode Changes\n');
    return (await page()).split('\n')[0];
  }

  test('a changed line', async () => {
    await history(WALK);
    const text = await readFile(path('history.jsonl'), 'utf8');
    await writeFile(path('history.jsonl'), text.replace('"version":"1.0.0"', '"version":"1.0.1"'));
    expect(await firstLine()).toMatch(
      /^\*\*✘ The history cannot be trusted: history\.jsonl, line 5: prev is .*\*\*$/,
    );
  });

  test('a torn last line', async () => {
    await history(WALK);
    const { length } = await readFile(path('history.jsonl'));
    await truncate(path('history.jsonl'), length - 20);
    expect(await firstLine()).toContain('line 15: the last line is torn: it has no newline');
  });

  test('a missing file of the rotation', async () => {
    await history(WALK, 600);
    const rotated = (await readdir(dir)).filter((name) => name.startsWith('history-')).sort();
    const [, second = '', third = ''] = rotated;
    await rm(path(second));
    const seq = (name: string) => Number(name.slice(8, 20));
    expect(await firstLine()).toBe(
      `**✘ The history cannot be trusted: ${third}, line 1: a file of the history is missing before this one: events ${String(seq(second))} to ${String(seq(third) - 1)}**`,
    );
  });

  test('a missing newest file', async () => {
    await history(WALK, 600);
    await rm(path('history.jsonl'));
    expect(await firstLine()).toContain('history.jsonl: the newest file is missing');
  });

  test('an end that was cut off, where the notes know better', async () => {
    await history(WALK);
    const lists = { conditions: [], services: [], policies: [] };
    await writeFile(
      path('status.json'),
      JSON.stringify({
        kind: 'StackStatus',
        stack: 's',
        generation: 1,
        manifest: { path: 'manifest.yaml' },
        ...lists,
      }),
    );
    await mkdir(path('.swiftdeploy'));
    const head = { seq: 17, prev: `sha256:${'a'.repeat(64)}` };
    await writeFile(path('.swiftdeploy/state.json'), JSON.stringify({ history: head }));
    expect(await firstLine()).toContain('events 16 to 17 are missing');
    expect(await page()).toContain('\n# Audit Report: s\n');
  });

  test('one that was deleted, of which the notes know', async () => {
    await mkdir(path('.swiftdeploy'));
    const head = { seq: 17, prev: `sha256:${'a'.repeat(64)}` };
    await writeFile(path('.swiftdeploy/state.json'), JSON.stringify({ history: head }));
    expect(await firstLine()).toContain('history.jsonl: events 1 to 17 are missing');
  });

  test("the published tool's history is told, and not believed", async () => {
    const lines = [
      { timestamp: '2026-05-05T20:00:00Z', event: 'deploy', mode: 'stable' },
      { timestamp: '2026-05-05T20:01:00Z', event: 'promote', target_mode: 'canary' },
      {
        timestamp: '2026-05-05T20:02:00Z',
        event: 'status_scrape',
        error_rate_percent: 62.5,
        p99_latency_ms: 30,
        mode: 'canary',
        chaos: 'error',
        policy_infra_pass: true,
        policy_canary_pass: false,
      },
    ];
    await writeFile(path('history.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(await firstLine()).toContain('this SwiftDeploy did not write it (and 2 more problems)');
    expect(await section('Mode Changes')).toContain('| 2026-05-05T20:01:00Z | stable | canary |  |');
    expect(await section('Policy Violations')).toContain(
      '| 2026-05-05T20:02:00Z | ✔ PASS | ✘ FAIL | 62.50% | 30 ms |',
    );
    expect(await section('Chaos')).toContain('| 2026-05-05T20:02:00Z | goes on | – | error | – |');
  });
});

describe('what events carry never becomes markup', () => {
  test('in tables', async () => {
    const cause = 'a | b\n`c` <img src=x onerror=1> [l](http://x) **b** _i_ disk_free_gb \\| \u202eevil';
    await history([{ event: 'drift_detected', kind: 'changed', target: 'x', cause }]);
    await audit();
    const row = (await section('Drift')).split('\n').at(-1);
    expect(row).toBe(
      '| 2026-05-05T20:00:01Z | x | changed: a \\| b \\`c\\` &lt;img src=x onerror=1&gt; \\[l\\](http://x) \\*\\*b\\*\\* \\_i\\_ disk_free_gb \\\\\\| evil | not healed yet | – |',
    );
  });

  test('in the picture', async () => {
    const version = 'x : y; #z %% {a} <b> "q" `c`\nsection evil';
    await history([{ event: 'deploy', service: 'app', version, mode: 'stable' }]);
    await audit();
    expect(await section('Timeline')).toContain(
      '20∶00∶01 : ★ app x ∶ y z % (a) (b) q c section evil serves\n',
    );
  });
});

describe('what is too much', () => {
  test('is left out, oldest first, and counted', async () => {
    const inputs = Array.from({ length: 1101 }, (_, n) => denied(n / 1000));
    const text = inputs.map(
      (input, n) => `${JSON.stringify({ timestamp: new Date(START + n * 1000).toISOString(), ...input })}\n`,
    );
    await writeFile(path('history.jsonl'), text.join(''));
    const report = await facts();
    expect(report.policyViolations.omitted).toBe(601);
    expect(report.policyViolations.items).toHaveLength(500);
    expect(report.policyViolations.items.at(-1)?.from).toBe('2026-05-05T20:18:20.000Z');
    expect(report.highlights).toMatchObject({ omitted: 1061 });
    expect(report.denials[0]).toMatchObject({ count: 1101, worst: 0 });
    expect(report.history.problems).toMatchObject({ omitted: 1081 });
    expect(await section('Policy Violations')).toContain('601 earlier rows are left out');
    expect(await section('Timeline')).toContain('The picture leaves out 1061 earlier events.');
  });
});

describe('who changed the manifest', () => {
  function git(...args: string[]): void {
    const who = ['-c', 'user.name=Ann | Example', '-c', 'user.email=ann@example.com'];
    execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'ignore' });
  }

  test('git says by the content, whatever was committed since', async () => {
    git('init', '-q');
    const digests: string[] = [];
    for (const text of ['one: 1\n', 'two: 2\n', 'one: 1\n']) {
      await writeFile(path('manifest.yaml'), text);
      git('add', 'manifest.yaml');
      git('commit', '-qm', `set ${text.trim()}`);
      digests.push(createHash('sha256').update(text).digest('hex'));
    }
    const changes = [...digests.slice(0, 2), 'f'.repeat(64)];
    await history(
      changes.map((sha256, index) => ({ event: 'manifest_changed', generation: index + 1, sha256 })),
    );
    await audit();
    const rows = (await section('Manifest Changes')).split('\n').slice(2);
    expect(rows[0]).toMatch(/\| 1 \| [0-9a-f]{12} \| Ann \\\| Example \| [0-9a-f]{10} \| set one: 1 \|$/);
    expect(rows[1]).toMatch(/\| 2 \| .* \| set two: 2 \|$/);
    expect(rows[2]).toMatch(/\| 3 \| f{12} \| not committed \| – \| – \|$/);
  });

  test('nobody knows, without a repository', async () => {
    await history(WALK);
    await audit();
    expect(await section('Manifest Changes')).toContain('git does not know this manifest');
  });
});

describe('no report', () => {
  test('without a history: a sentence, which is no error, and the report of before stays', async () => {
    await writeFile(path('report.md'), 'of before');
    expect(await audit()).toBe(0);
    expect(stderr).toBe(`no events yet: there is no ${path('history.jsonl')}\n`);
    expect([stdout, await page()]).toEqual(['', 'of before']);
    expect(await facts()).toMatchObject({ history: { ok: true, files: [] }, summary: { events: 0 } });
    expect(validatorOf('audit')(JSON.parse(stdout))).toBe(true);
    expect(await readdir(dir)).toEqual(['report.md']);
  });

  test('without a directory: the same', async () => {
    expect(await main(['node', 'swiftdeploy', 'audit', '-f', path('nowhere/manifest.yaml')])).toBe(0);
    expect(stderr).toContain('no events yet: there is no');
  });

  test('where it cannot be written: a sentence, and what was there stays', async () => {
    await history(WALK);
    await mkdir(path('report.md'));
    expect(await audit()).toBe(1);
    expect(stderr).toContain(`${path('report.md')} cannot be read or written`);
    expect((await readdir(dir)).sort()).toEqual(['history.jsonl', 'report.md']);
  });

  test('where its directory is not there: a sentence with its own name', async () => {
    await history(WALK);
    expect(await audit('--output', path('nowhere/report.md'))).toBe(1);
    expect(stderr).toContain(
      `${path('nowhere/report.md')} cannot be read or written: its directory does not exist`,
    );
  });

  test('but one of nothing, from an empty history', async () => {
    await appendFile(path('history.jsonl'), '');
    expect(await audit()).toBe(0);
    expect(await section('Summary')).toContain('nothing has happened yet');
  });
});
