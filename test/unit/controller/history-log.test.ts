import { createHash } from 'node:crypto';
import {
  appendFile,
  link,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HISTORY_EVENTS } from '../../../src/controller/history/history-event.js';
import {
  HistoryLog,
  type HistoryLogOptions,
  type HistoryRepair,
} from '../../../src/controller/history/history-log.js';
import { readEvents } from '../../../src/controller/history/read-events.js';
import { verifyHistory } from '../../../src/controller/history/verify-history.js';
import { allEvents, allSeqs, seqsTo } from './history-files.js';
import { temporaryDirectory } from './temporary-directory.js';

const NOW = new Date('2026-05-05T20:55:22.113Z');

async function history(options: HistoryLogOptions = {}) {
  const directory = await temporaryDirectory();
  const path = join(directory, 'history.jsonl');
  const repairs: HistoryRepair[] = [];
  const open = async (more: HistoryLogOptions = {}) => {
    const log = await HistoryLog.open(path, {
      now: () => NOW,
      onRepair: (repair) => repairs.push(repair),
      ...options,
      ...more,
    });
    onTestFinished(() => log.close());
    return log;
  };
  return { directory, path, repairs, open, log: await open() };
}

async function appendMany(log: HistoryLog, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await log.append({ event: 'deploy', service: 'app', n });
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1);
}

describe('appending', () => {
  test('an event is one line with the keys in order, chained by the digest of the line before', async () => {
    const { log, path } = await history();
    const first = await log.append({
      event: 'promote',
      service: 'app',
      target_mode: 'canary',
      generation: 3,
    });
    await log.append({ event: 'deploy', message: 'two\nlines, ünïcode' });
    const [one = '', two = ''] = await linesOf(path);
    expect(one).toBe(
      '{"seq":1,"timestamp":"2026-05-05T20:55:22.113Z","event":"promote","service":"app","target_mode":"canary","generation":3,' +
        `"prev":"sha256:${'0'.repeat(64)}"}`,
    );
    expect(JSON.parse(one)).toEqual(first);
    const digest = createHash('sha256').update(one).digest('hex');
    expect(JSON.parse(two)).toMatchObject({
      seq: 2,
      message: 'two\nlines, ünïcode',
      prev: `sha256:${digest}`,
    });
  });

  test('appends at once are written in the order asked', async () => {
    const { log, path } = await history();
    const events = await Promise.all(seqsTo(50).map((n) => log.append({ event: 'step', n })));
    expect(events.map(({ seq, n }) => [seq, n])).toEqual(seqsTo(50).map((n) => [n, n]));
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 50 });
  });

  test("a caller cannot set the log's own fields", async () => {
    const { log, path } = await history();
    const forged = { event: 'deploy', seq: 99, prev: 'sha256:mine', timestamp: 'yesterday' } as const;
    await log.append(forged as unknown as { event: 'deploy' });
    expect(await verifyHistory(path)).toMatchObject({ ok: true, events: 1 });
    expect(await allSeqs(path)).toEqual([1]);
  });

  test('what JSON cannot hold is refused, and costs nothing', async () => {
    const { log, path } = await history();
    await expect(log.append({ event: 'deploy', n: 1n })).rejects.toThrow(TypeError);
    await log.append({ event: 'deploy' });
    expect(await verifyHistory(path)).toMatchObject({ ok: true, events: 1 });
  });

  test('a history that was closed says so', async () => {
    const { log } = await history();
    await log.close();
    await expect(log.append({ event: 'deploy' })).rejects.toThrow('closed');
  });

  test('the next process goes on where the last ended', async () => {
    const { log, path, open, repairs } = await history();
    await appendMany(log, 3);
    await log.close();
    const next = await open();
    expect(next.head.seq).toBe(3);
    await appendMany(next, 2);
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 5 });
    expect(repairs).toEqual([]);
  });
});

describe('a torn tail', () => {
  test.each([
    ['half a line', '{"seq":3,"timest'],
    [
      'a whole event without its newline',
      '{"seq":3,"timestamp":"2026-01-01T00:00:00.000Z","event":"deploy","prev":"x"}',
    ],
    ['a line that is not JSON', 'hello\n'],
    ['JSON that is no event', '{"a":1}\n[]\n'],
    ['zeros, as a power cut leaves them', '\0'.repeat(4_096)],
  ])('%s is cut off, kept aside and reported', async (_what, tail) => {
    const { log, path, open, repairs } = await history();
    await appendMany(log, 2);
    await log.close();
    await appendFile(path, tail);
    const next = await open();
    expect(repairs).toEqual([
      { reason: 'torn_tail', file: path, keptIn: `${path}.torn`, bytes: tail.length },
    ]);
    expect(await readFile(`${path}.torn`, 'utf8')).toBe(`${tail}\n`);
    await next.append({ event: 'deploy' });
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 4 });
    expect((await allEvents(path))[2]).toMatchObject({
      event: 'history_repaired',
      reason: 'torn_tail',
      kept_in: 'history.jsonl.torn',
      bytes: tail.length,
    });
  });

  test('a file that is no history at all is kept aside whole', async () => {
    const { log, path, open } = await history();
    await log.close();
    await writeFile(path, 'dear diary\n');
    await open();
    expect(await readFile(`${path}.torn`, 'utf8')).toBe('dear diary\n\n');
    expect(await allSeqs(path)).toEqual([1]);
  });

  test('a directory in its place is refused', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'history.jsonl'));
    await expect(HistoryLog.open(join(directory, 'history.jsonl'))).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('events that were taken away while nobody wrote', () => {
  async function written(count: number) {
    const { log, path, open } = await history();
    await appendMany(log, count);
    const known = log.head;
    await log.close();
    return { path, known, open: () => open({ known }) };
  }

  test('a file that was deleted is told of, and its chain goes on', async () => {
    const { path, known, open } = await written(3);
    await rm(path);
    const next = await open();
    expect(next.head.seq).toBe(4);
    const [first] = await allEvents(path);
    expect(first).toMatchObject({ seq: 4, event: 'history_repaired', reason: 'deleted', prev: known.prev });
    expect((await verifyHistory(path)).problems).toMatchObject([
      { line: 1, problem: 'events 1 to 3 are missing' },
      { line: 1 },
    ]);
  });

  test('an end that was cut off', async () => {
    const { path, open } = await written(3);
    const [first] = await linesOf(path);
    await writeFile(path, `${String(first)}\n`);
    await open();
    expect((await allEvents(path))[1]).toMatchObject({ seq: 4, reason: 'shortened' });
    expect((await verifyHistory(path)).problems).toMatchObject([
      { line: 2, problem: 'events 2 to 3 are missing' },
      { line: 2 },
    ]);
  });

  test('a history that knows more than the notes is left as it is', async () => {
    const { path, open } = await written(2);
    const between = await HistoryLog.open(path);
    await appendMany(between, 2);
    await between.close();
    expect((await open()).head.seq).toBe(4);
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 4 });
  });
});

describe('rotation', () => {
  const small = { maxBytes: 500 };

  test('carries chain and numbers over, and names files after their first event', async () => {
    const { log, path, directory } = await history(small);
    await appendMany(log, 20);
    const files = (await readdir(directory)).sort();
    expect(files.slice(0, 2)).toEqual(['history-000000000001.jsonl', 'history-000000000003.jsonl']);
    expect(files.at(-1)).toBe('history.jsonl');
    expect(await allSeqs(path)).toEqual(seqsTo(20));
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 20 });
  });

  test.each([
    ['before the new file is made', async (path: string) => rm(path)],
    ['before its first line', async (path: string) => truncate(path)],
  ])('a crash %s is recovered from', async (_when, crash) => {
    const { log, path, directory, open } = await history(small);
    await appendMany(log, 3);
    await log.close();
    const lines = await linesOf(path);
    await rename(path, join(directory, 'history-000000000003.jsonl'));
    expect(lines).toHaveLength(1);
    await writeFile(path, '');
    await crash(path);
    const next = await open();
    expect(next.head.seq).toBe(3);
    await next.append({ event: 'deploy' });
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 4 });
  });

  test('a name that is taken is not overwritten', async () => {
    const { log, path, directory } = await history(small);
    const taken = join(directory, 'history-000000000001.jsonl');
    await appendMany(log, 2);
    await writeFile(taken, '');
    await appendMany(log, 2);
    expect(await readFile(taken, 'utf8')).toBe('');
    expect(await allSeqs(path)).toEqual(seqsTo(4));
    expect(await readdir(directory)).toContain('history-000000000001.2.jsonl');
  });

  test('an event larger than a file has a file of its own', async () => {
    const { log, path } = await history(small);
    await log.append({ event: 'deploy', text: 'x'.repeat(2_000) });
    await appendMany(log, 2);
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 3 });
  });

  test('a reader loses no event to a rotation under its feet', async () => {
    const { log, path, directory } = await history(small);
    await appendMany(log, 3);
    expect(await readdir(directory)).toHaveLength(2);
    const reader = readEvents(path);
    const seqs = [(await reader.next()).value?.seq];
    await appendMany(log, 10);
    for await (const { seq } of reader) seqs.push(seq);
    expect(seqs.slice(0, 3)).toEqual(seqsTo(3));
  });

  test('a file that is found under both its names, because it was just rotated, is read once', async () => {
    const { log, path, directory } = await history();
    await appendMany(log, 3);
    await link(path, join(directory, 'history-000000000001.jsonl'));
    expect(await allSeqs(path)).toEqual(seqsTo(3));
  });
});

describe('somebody touches the file while it is open', () => {
  test('deleted: goes on in a new one, with the chain carried over', async () => {
    const { log, path, repairs } = await history();
    await appendMany(log, 3);
    await rm(path);
    expect((await log.append({ event: 'deploy' })).seq).toBe(5);
    expect(repairs).toEqual([{ reason: 'deleted', file: path }]);
    expect((await allEvents(path)).map(({ seq, event }) => [seq, event])).toEqual([
      [4, 'history_repaired'],
      [5, 'deploy'],
    ]);
    expect((await verifyHistory(path)).problems).toEqual([
      { file: path, line: 1, problem: 'events 1 to 3 are missing' },
      { file: path, line: 1, problem: expect.stringContaining('prev') as string },
    ]);
  });

  test('emptied: goes on, with the chain carried over', async () => {
    const { log, path, repairs } = await history();
    await appendMany(log, 3);
    await truncate(path);
    await log.append({ event: 'deploy' });
    expect(repairs).toEqual([{ reason: 'emptied', file: path }]);
    expect(await allSeqs(path)).toEqual([4, 5]);
  });

  test('replaced by a copy of itself, as editors do: goes on in the copy', async () => {
    const { log, path, repairs } = await history();
    await appendMany(log, 3);
    await writeFile(`${path}.new`, await readFile(path));
    await rename(`${path}.new`, path);
    await log.append({ event: 'deploy' });
    expect(repairs).toEqual([]);
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 4 });
  });

  test("replaced by another history: that one is put aside, and nobody's event overwritten", async () => {
    const { log, path, repairs } = await history();
    const other = await history();
    await appendMany(log, 3);
    await appendMany(other.log, 7);
    await rename(other.path, path);
    await log.append({ event: 'deploy' });
    const keptIn = `${path}.foreign-1`;
    expect(repairs).toEqual([{ reason: 'replaced', file: path, keptIn }]);
    expect(await linesOf(keptIn)).toHaveLength(7);
    expect(await allSeqs(path)).toEqual([4, 5]);
  });

  test('appended to by another: what is no event is cut off', async () => {
    const { log, path, repairs } = await history();
    await appendMany(log, 3);
    await appendFile(path, 'hello\nworld\n');
    await log.append({ event: 'deploy' });
    expect(repairs).toMatchObject([{ reason: 'torn_tail', bytes: 12 }]);
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: 5 });
  });

  test('cut short by a line: the shorter file is put aside, the chain goes on', async () => {
    const { log, path, repairs } = await history();
    await appendMany(log, 3);
    await writeFile(path, `${(await linesOf(path)).slice(0, 2).join('\n')}\n`);
    expect((await log.append({ event: 'deploy' })).seq).toBe(5);
    expect(repairs).toMatchObject([{ reason: 'replaced' }]);
  });
});

describe('verifying', () => {
  test('no history is whole', async () => {
    const directory = await temporaryDirectory();
    expect(await verifyHistory(join(directory, 'history.jsonl'))).toEqual({
      ok: true,
      problems: [],
      events: 0,
    });
  });

  test.each<[string, (lines: string[]) => string[]]>([
    ['a changed word', (lines) => lines.map((line, n) => (n === 1 ? line.replace('"app"', '"apq"') : line))],
    ['a removed line', (lines) => lines.filter((_, n) => n !== 1)],
    ['a doubled line', (lines) => lines.flatMap((line, n) => (n === 1 ? [line, line] : [line]))],
    ['two lines exchanged', ([one = '', two = '', ...rest]) => [two, one, ...rest]],
    ['a missing first line', (lines) => lines.slice(1)],
    ['a line of garbage', (lines) => [...lines.slice(0, 2), 'garbage', ...lines.slice(2)]],
  ])('%s shows', async (_what, tamper) => {
    const { log, path } = await history();
    await appendMany(log, 5);
    await writeFile(path, `${tamper(await linesOf(path)).join('\n')}\n`);
    expect((await verifyHistory(path)).ok).toBe(false);
  });

  test('a cut end shows against the last number that the notes know', async () => {
    const { log, path } = await history();
    await appendMany(log, 5);
    await writeFile(path, `${(await linesOf(path)).slice(0, 3).join('\n')}\n`);
    expect((await verifyHistory(path)).ok).toBe(true);
    expect((await verifyHistory(path, { lastSeq: 5 })).problems).toEqual([
      { file: path, line: 0, problem: 'events 4 to 5 are missing: the state directory knows of them' },
    ]);
  });

  test('a torn last line shows', async () => {
    const { log, path } = await history();
    await appendMany(log, 2);
    await appendFile(path, '{"seq":3');
    expect((await verifyHistory(path)).problems).toEqual([
      { file: path, line: 3, problem: 'the last line is torn: it has no newline' },
    ]);
  });

  test('the schema knows the same event names', async () => {
    const schema = JSON.parse(await readFile('schema/history.schema.json', 'utf8')) as {
      properties: { event: { enum: string[] } };
    };
    expect(schema.properties.event.enum).toEqual(HISTORY_EVENTS);
  });
});
