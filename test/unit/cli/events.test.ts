import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isOfService } from '../../../src/cli/events/of-service.js';
import { sinceOption } from '../../../src/cli/events/since.js';
import { main } from '../../../src/cli/program.js';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { until } from '../../support/until.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { forgetSignals } from '../../support/forget-signals.js';

const START = Date.parse('2026-05-05T20:00:00Z');

let dir = '';
let stdout = '';
let stderr = '';
const path = (name: string) => join(dir, name);

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
  forgetSignals();
});

/** A small file is rotated after some three events; one event a minute. */
async function openLog(maxBytes = 600): Promise<HistoryLog> {
  let at = START;
  return HistoryLog.open(path('history.jsonl'), { maxBytes, now: () => new Date((at += 60_000)) });
}

async function history(inputs: readonly HistoryEventInput[]): Promise<void> {
  const log = await openLog();
  for (const input of inputs) await log.append(input);
  await log.close();
}

function starts(count: number): readonly HistoryEventInput[] {
  return Array.from({ length: count }, (_, pid) => ({ event: 'controller_started', pid: pid + 1 }));
}

function events(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', 'events', '-f', path('manifest.yaml'), ...args]);
}

/** The process numbers that were told, in order. */
function told(): number[] {
  return [...stdout.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));
}

function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

async function rotatedFiles(): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.startsWith('history-')).sort();
}

describe('what was', () => {
  test('all of it, oldest first, through rotated files', async () => {
    await history(starts(12));
    expect(await events()).toBe(0);
    expect((await rotatedFiles()).length).toBeGreaterThan(2);
    expect(told()).toEqual(upTo(12));
    expect(stdout.split('\n')[0]).toBe('2026-05-05T20:01:00Z  ▷ controller started, process 1');
    expect(stderr).toBe('');
  });

  test('as JSON: the lines as they are', async () => {
    await history(starts(3));
    expect(await events('-o', 'json')).toBe(0);
    const files = [...(await rotatedFiles()), 'history.jsonl'];
    const texts = await Promise.all(files.map((name) => readFile(path(name), 'utf8')));
    expect(stdout).toBe(texts.join(''));
  });

  test.each([
    [['-n', '0'], []],
    [['-n', '1'], [12]],
    [['-n', '7'], upTo(12, 6)],
    [['-n', '99'], upTo(12)],
    [['--since', '2026-05-05T20:10:00Z'], upTo(12, 10)],
    [['--since', '2026-05-05T20:03:30Z'], upTo(12, 4)],
    [['--since', '2026-05-05'], upTo(12)],
    [['--since', '10m'], []],
    [
      ['--since', '2026-05-05T20:03:30Z', '-n', '2'],
      [11, 12],
    ],
    [
      ['--since', '2026-05-05T20:11:00Z', '-n', '99'],
      [11, 12],
    ],
  ])('%j', async (args, pids) => {
    await history(starts(12));
    expect(await events(...args)).toBe(0);
    expect(told()).toEqual(pids);
  });

  test('of one service: the newest so many of its own', async () => {
    await history([
      { event: 'deploy', service: 'app', version: '1' },
      { event: 'deploy', service: 'web', version: '2' },
      { event: 'drift_detected', target: 'x-app-stable-0123abcd-1', cause: 'it is gone' },
      ...starts(5),
    ]);
    expect(await events('--service', 'app')).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      '2026-05-05T20:01:00Z  ★ app 1 serves',
      '2026-05-05T20:03:00Z  △ drift: x-app-stable-0123abcd-1: it is gone',
    ]);
    stdout = '';
    await events('--service', 'app', '-n', '1');
    expect(stdout).toContain('it is gone');
    expect(stdout).not.toContain('★');
  });

  test('lines of another tool are told, what is no event is left out, and that is said', async () => {
    await writeFile(
      path('history.jsonl'),
      '{"timestamp":"2026-05-05T20:00:00Z","event":"promote","target_mode":"canary"}\nnot JSON\n[]\n{"event":"x"}\n{"event":"torn"',
    );
    expect(await events()).toBe(0);
    expect(stdout.split('\n')).toEqual([
      expect.stringContaining('serves as canary'),
      'at no known time      x',
      '',
    ]);
    expect(stderr).toContain('! 2 lines are no event and left out: "swiftdeploy audit" names the place');
  });

  test("a container's log cannot steer the terminal", async () => {
    const log = ['\u001b[2J\u001b[31mred\u0007', 'two\rthree'];
    await history([
      { event: 'replica_failed', service: 'app', message: 'it \u001b]0;title\u0007ended', log },
    ]);
    expect(await events()).toBe(0);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(stdout).toContain('red');
  });
});

test('no history: no events, which is no error', async () => {
  for (const args of [[], ['-o', 'json']])
    expect([await events(...args), stdout, stderr.split('\n')[0]]).toEqual([
      0,
      '',
      `no events yet: there is no ${path('history.jsonl')}; --follow waits for it`,
    ]);
});

describe('what is asked for badly', () => {
  test.each([
    [['--since', 'soon'], 'write how long ago'],
    [['--since', '2026-13-45'], 'write how long ago'],
    [['-n', '-1'], 'write a whole number'],
    [['-n', 'x'], 'write a whole number'],
  ])('%j', async (args, says) => {
    expect(await events(...args)).toBe(1);
    expect(stderr).toContain(says);
  });
});

describe('what happens, with --follow', () => {
  async function follow(...args: string[]) {
    const ended = events('--follow', ...args);
    const stop = async () => {
      process.emit('SIGINT');
      const code = await ended;
      process.removeAllListeners('SIGINT');
      return code;
    };
    return { stop };
  }

  test('from before the first event until Ctrl-C, through many rotations', async () => {
    const { stop } = await follow();
    const log = await openLog();
    for (const input of starts(20)) await log.append(input);
    await log.close();
    await until('all are told', () => told().length >= 20, { explain: () => stdout });
    expect((await rotatedFiles()).length).toBeGreaterThan(4);
    expect(told()).toEqual(upTo(20));
    expect(await stop()).toBe(130);
  });

  test('after the newest ten, or what is asked for', async () => {
    await history(starts(15));
    const { stop } = await follow();
    await until('the newest are told', () => told().length >= 10);
    expect(told()).toEqual(upTo(15, 6));
    await stop();
    stdout = '';
    const none = await follow('-n', '0');
    const log = await openLog();
    // When it begins to follow is its own business: what comes after that is told.
    await until('a new one is told', async () => {
      await log.append({ event: 'controller_started', pid: 99 });
      return told().length > 0;
    });
    await log.close();
    expect([...new Set(told())]).toEqual([99]);
    expect(await none.stop()).toBe(130);
  });

  test('a line that is written in two halves is told once it is whole', async () => {
    await writeFile(path('history.jsonl'), '{"event":"controller_started","pid":1}\n{"event":"contr');
    const { stop } = await follow();
    await until('the first is told', () => told().length === 1);
    await appendFile(path('history.jsonl'), 'oller_started","pid":2}\n');
    await until('the second is told', () => told().length === 2);
    expect(told()).toEqual([1, 2]);
    expect(await stop()).toBe(130);
  });

  test('ends well when its reader goes away', async () => {
    await history(starts(1));
    const ended = events('--follow');
    await until('it is told', () => told().length === 1);
    process.stdout.emit('error', new Error('EPIPE'));
    expect(await ended).toBe(0);
  });

  test('a history that was deleted goes on in a new file', async () => {
    await history(starts(1));
    const { stop } = await follow();
    await until('the first is told', () => told().length === 1);
    await rm(path('history.jsonl'));
    await writeFile(path('history.jsonl'), '{"event":"controller_started","pid":7}\n');
    await until('the next is told', () => told().includes(7));
    expect(await stop()).toBe(130);
  });
});

describe('--since', () => {
  test.each([
    ['10m', START - 600_000],
    ['90', START - 90_000],
    ['2026-05-05T19:59:00Z', START - 60_000],
    ['2026-05-05T21:59:00+02:00', START - 60_000],
    ['2026-05-05', Date.parse('2026-05-05')],
  ])('%s', (value, ms) => expect(sinceOption(value, START)).toBe(ms));
});

describe('whose event it is', () => {
  test.each([
    [{ service: 'app' }, true],
    [{ service: 'web-app' }, false],
    [{ target: 's-app-stable-0123abcd-1' }, true],
    [{ target: 's-app-canary-0123abcd-12-old-0123ab' }, true],
    [{ target: 's-web-app-stable-0123abcd-1' }, false],
    [{ target: 's-proxy' }, false],
    [{ target: 'app' }, true],
    [{}, false],
  ])('%j', (fields, expected) => {
    const event = { event: 'x', timestamp: '', ...fields };
    expect(isOfService(event, { name: 'app', stack: 's' })).toBe(expected);
  });
});
