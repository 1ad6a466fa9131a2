/** What status.json and the history say of real traffic to real containers, with a controller and without one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { scrapeOnce } from '../../src/cli/status/scrape-once.js';
import { readStatus, type ServiceStatus } from '../../src/cli/status/status-document.js';
import { removeAllOf } from '../support/engine.js';
import { freePort } from '../support/free-port.js';
import { checkRecords, readHistory } from '../support/records.js';
import { PROGRAM } from '../support/program.js';
import { copyShippedPolicies } from '../support/shipped-policies.js';
import { until } from '../support/until.js';

const STACK = `swd-traffic-${String(process.pid)}`;
/** A whole window has to pass. */
const WINDOW = { timeoutMs: 80_000, pollMs: 200 };

let dir = '';
let port = 0;
const path = (name: string) => join(dir, name);
const options = () => ({ manifest: path('manifest.yaml') });

function start(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  return { child, said };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function request(times: number, target = '/'): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const answer = await fetch(`http://127.0.0.1:${String(port)}${target}`);
    await answer.arrayBuffer();
    statuses.push(answer.status);
  }
  return statuses;
}

async function chaos(body: object): Promise<void> {
  const url = `http://127.0.0.1:${String(port)}/chaos`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

async function app(): Promise<ServiceStatus> {
  const read = await readStatus(path('status.json'));
  if (read.kind !== 'status') throw new Error(`no status: ${read.kind}`);
  const [service] = read.status.services;
  if (service === undefined) throw new Error('no service');
  return service;
}

/** As the manifest says, with nothing of an older version left. */
async function isReady(): Promise<boolean> {
  const read = await readStatus(path('status.json'));
  return (
    read.kind === 'status' &&
    read.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

async function canaryHealthy(): Promise<string | undefined> {
  const read = await readStatus(path('status.json'));
  if (read.kind !== 'status') return undefined;
  return read.status.conditions.find(({ type }) => type === 'CanaryHealthy')?.message;
}

async function trackOf(version: string) {
  return (await app()).tracks.find((track) => track.version === version)?.traffic;
}

async function lastScrape() {
  return (await readHistory(path('history.jsonl'))).findLast(({ event }) => event === 'status_scrape');
}

async function chaosTold(): Promise<unknown[]> {
  const events = await readHistory(path('history.jsonl'));
  return events.filter(({ event }) => event === 'chaos').map(({ mode }) => mode);
}

async function limit(name: string, value: number): Promise<void> {
  const file = path('policies/infrastructure/data.json');
  const data = JSON.parse(await readFile(file, 'utf8')) as { thresholds: Record<string, number> };
  await writeFile(file, JSON.stringify({ thresholds: { ...data.thresholds, [name]: value } }));
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd traffic-'));
  port = await freePort();
  await copyShippedPolicies(dir);
  await limit('max_cpu_load_per_core', 1000);
  await limit('min_mem_free_percent', 1);
  await writeFile(
    path('manifest.yaml'),
    `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  mode: canary
  version: "1.0.0"
  health: { interval: 200ms, deadline: 30s }
  drain: 1s
nginx: { image: "nginx:latest", port: ${String(port)} }
opa: { image: "openpolicyagent/opa:latest-static", port: ${String(await freePort())} }
network: { name: ${STACK} }
`,
  );
});

afterEach(() => checkRecords(path('status.json'), path('history.jsonl')));

afterAll(async () => {
  await removeAllOf(STACK);
  await rm(dir, { recursive: true, force: true });
});

describe('with a controller', () => {
  let controller: ReturnType<typeof start>;

  beforeAll(async () => {
    controller = start('run', '--listen', 'off');
    await until('the controller is ready', () => controller.said.stderr.includes('✔ ready'), {
      timeoutMs: 90_000,
      explain: () => controller.said.stderr,
    });
  });

  afterAll(() => stop(controller.child));

  test('every request of users is counted, none of ours, and the errors are those that they saw', async () => {
    expect(await request(30)).toEqual(Array(30).fill(200));
    await chaos({ mode: 'error', rate: 1 });
    expect(await request(10)).toEqual(Array(10).fill(500));
    // 30, the chaos itself, and 10
    const traffic = await until(
      'all are counted',
      async () => {
        const track = await trackOf('1.0.0');
        return track?.requests === 41 && track;
      },
      { explain: async () => JSON.stringify(await app()) },
    );
    expect(traffic).toMatchObject({ errors: 10, errorRatePercent: 24.39 });
    expect(traffic.requestsPerSecond).toBeGreaterThan(0);
    expect(traffic.p99LatencyMs).toBeGreaterThan(0);
    expect((await app()).traffic).toMatchObject({ chaos: 'error' });
    const line = await until('the scrape is told', async () => {
      const scrape = await lastScrape();
      return scrape?.error_rate_percent === 24.39 && scrape;
    });
    expect(line).toMatchObject({ service: 'app', mode: 'canary', chaos: 'error', policy_infra_pass: true });
    expect(await chaosTold()).toEqual(['error']);
  });

  test('a command leaves the scraping to it', async () => {
    expect(await scrapeOnce(options())).toBe('controller runs');
  });

  test('a replaced version leaves its figures behind, in the middle of the window', async () => {
    await request(5);
    await writeFile(
      path('manifest.yaml'),
      (await readFile(path('manifest.yaml'), 'utf8')).replace('"1.0.0"', '"1.1.0"'),
    );
    await until(
      'the next version serves alone',
      async () => {
        const { tracks } = await app();
        return (await isReady()) && tracks.length === 1 && tracks[0]?.version === '1.1.0';
      },
      WINDOW,
    );
    expect(await request(20)).toEqual(Array(20).fill(200));
    const traffic = await until(
      'the new version is counted',
      async () => {
        const track = await trackOf('1.1.0');
        return track?.requests === 20 && track;
      },
      { explain: async () => JSON.stringify(await app()) },
    );
    expect(traffic).toMatchObject({ errors: 0, errorRatePercent: 0 });
    await until('its chaos went with the old version', async () => (await chaosTold()).at(-1) === 'none');
  });

  test('after recovering the errors leave the window', async () => {
    await chaos({ mode: 'error', rate: 1 });
    await request(10);
    await until('the errors are counted', async () => ((await trackOf('1.1.0'))?.errors ?? 0) >= 10);
    await chaos({ mode: 'recover' });
    await until(
      'the errors are gone while users still come',
      async () => {
        await request(1);
        const track = await trackOf('1.1.0');
        return track !== undefined && track.requests > 0 && track.errorRatePercent === 0;
      },
      { ...WINDOW, explain: async () => JSON.stringify(await app()) },
    );
    expect((await app()).traffic).toMatchObject({
      chaos: 'none',
      windowSeconds: expect.closeTo(30, -1) as number,
    });
    expect((await chaosTold()).slice(-2)).toEqual(['error', 'none']);
  });
});

describe('without a controller', () => {
  test('a command looks, tells and gives the lock back', async () => {
    expect(await scrapeOnce(options())).toBe('scraped');
    const before = (await readHistory(path('history.jsonl'))).length;
    const judged = (await app()).rollout?.canary?.errors ?? 0;
    await chaos({ mode: 'error', rate: 1 });
    await request(4);
    expect(await scrapeOnce(options())).toBe('scraped');
    const { rollout } = await app();
    expect(rollout?.canary?.errors).toBe(judged + 4);
    expect(await canaryHealthy()).toContain(rollout?.message);
    const track = await trackOf('1.1.0');
    expect(track?.errors).toBeGreaterThanOrEqual(4);
    expect((await app()).traffic).toMatchObject({ chaos: 'error' });
    const told = (await readHistory(path('history.jsonl'))).slice(before);
    expect(told).toMatchObject([
      { event: 'chaos', service: 'app', mode: 'error' },
      {
        event: 'status_scrape',
        service: 'app',
        mode: 'canary',
        chaos: 'error',
        error_rate_percent: track?.errorRatePercent,
        policy_infra_pass: true,
      },
    ]);
  });

  test('what the policies say now is in the status', async () => {
    const read = await readStatus(path('status.json'));
    const asked = read.kind === 'status' ? read.status.policies : [];
    expect(asked).toContainEqual(
      expect.objectContaining({ domain: 'infrastructure', question: 'promote', allow: true }),
    );
  });

  test('nothing is looked at where nothing was deployed, or no engine answers', async () => {
    expect(await scrapeOnce({ manifest: path('elsewhere/manifest.yaml') })).toBe('nothing deployed');
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'unix:///nowhere.sock';
    try {
      expect(await scrapeOnce(options())).toBe('no engine');
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });
});
