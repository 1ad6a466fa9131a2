import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { verifyHistory } from '../../src/controller/history/verify-history.js';
import { allEvents, allSeqs, seqsTo } from '../unit/controller/history-files.js';
import { temporaryDirectory } from '../unit/controller/temporary-directory.js';

const CHILD = 'test/integration/controller-append-forever.ts';
const MAX_BYTES = 20_000;

/** Appends in another process; `killAfter` counts acknowledged events. Resolves to the lines that it printed. */
async function appendUntil(
  path: string,
  stop: { killAfter: number } | { fileBlocks: number },
): Promise<string[]> {
  const limit = 'fileBlocks' in stop ? `ulimit -f ${stop.fileBlocks}; ` : '';
  const maxBytes = 'fileBlocks' in stop ? 10 ** 9 : MAX_BYTES;
  const command = `${limit}exec "$0" --import tsx "$1" "$2" "$3"`;
  const args = ['-c', command, process.execPath, CHILD, path, String(maxBytes)];
  const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    acknowledged += chunk.toString().split('\n').length - 1;
    if ('killAfter' in stop && acknowledged >= stop.killAfter) child.kill('SIGKILL');
  });
  return (await text(child.stdout)).split('\n').slice(0, -1);
}

describe('kill -9', () => {
  test('every acknowledged event is there, chained, across five lives and many rotations', async () => {
    const path = join(await temporaryDirectory(), 'history.jsonl');
    const acknowledged: number[] = [];
    for (const killAfter of [1, 60, 43, 101, 7]) {
      acknowledged.push(...(await appendUntil(path, { killAfter })).map(Number));
    }
    const log = await HistoryLog.open(path);
    onTestFinished(() => log.close());
    const events = await allEvents(path);
    const steps = new Set(events.filter(({ event }) => event === 'step').map(({ seq }) => seq));
    expect(acknowledged.filter((seq) => !steps.has(seq))).toEqual([]);
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: events.length });
  });
});

describe('no room left', () => {
  test('the failed append leaves no trace, and the history goes on from the last acknowledged event', async () => {
    const path = join(await temporaryDirectory(), 'history.jsonl');
    const printed = await appendUntil(path, { fileBlocks: 16 });
    expect(printed.at(-1)).toBe('EFBIG');
    const last = printed.length - 1;
    expect(last).toBeGreaterThan(5);
    expect(await allSeqs(path)).toEqual(seqsTo(last));
    expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: last });
    const repairs: unknown[] = [];
    const log = await HistoryLog.open(path, { onRepair: (repair) => repairs.push(repair) });
    onTestFinished(() => log.close());
    expect((await log.append({ event: 'deploy' })).seq).toBe(last + 1);
    expect(repairs).toEqual([]);
  });
});
