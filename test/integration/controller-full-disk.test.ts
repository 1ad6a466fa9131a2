import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { verifyHistory } from '../../src/controller/history/verify-history.js';
import { StatusFile } from '../../src/controller/status-file.js';
import { allEvents } from '../unit/controller/history-files.js';
import { canMount, withTinyDisk } from './controller-tiny-disk.js';

describe.runIf(canMount)('history.jsonl', () => {
  test('a full disk rejects, loses nothing acknowledged, and heals', async () => {
    await withTinyDisk(async (directory, fill) => {
      const path = join(directory, 'history.jsonl');
      const log = await HistoryLog.open(path);
      onTestFinished(() => log.close());
      await log.append({ event: 'deploy' });
      const empty = await fill();
      let acknowledged = 1;
      let failures = 0;
      for (let n = 0; n < 60; n += 1) {
        const append = log.append({ event: 'deploy', filler: 'x'.repeat(150) });
        await append
          .then(() => (acknowledged += 1))
          .catch((error: unknown) => {
            failures += 1;
            expect(error).toMatchObject({ code: 'ENOSPC', path });
          });
      }
      expect(failures).toBeGreaterThan(0);
      expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: acknowledged });
      await empty();
      await log.append({ event: 'deploy' });
      expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: acknowledged + 1 });
    });
  });

  test('a torn line on a full disk does not keep the history from opening', async () => {
    await withTinyDisk(async (directory, fill) => {
      const path = join(directory, 'history.jsonl');
      const log = await HistoryLog.open(path);
      for (let n = 0; n < 2; n += 1) await log.append({ event: 'deploy', service: 'app', n });
      await log.close();
      await appendFile(path, `{"seq":3,"torn":"${'x'.repeat(5_000)}`);
      await fill();
      const next = await HistoryLog.open(path);
      onTestFinished(() => next.close());
      await next.append({ event: 'deploy' });
      expect((await verifyHistory(path)).ok).toBe(true);
      expect((await allEvents(path)).map(({ event }) => event)).toEqual([
        'deploy',
        'deploy',
        'history_repaired',
        'deploy',
      ]);
    });
  });
});

describe.runIf(canMount)('status.json', () => {
  test('a full disk leaves the old status whole', async () => {
    await withTinyDisk(async (directory, fill) => {
      const file = new StatusFile(join(directory, 'status.json'));
      await file.write({ stack: 'old' });
      const empty = await fill();
      const large = { stack: 'x'.repeat(40_000) };
      await expect(file.write(large)).rejects.toMatchObject({
        code: 'ENOSPC',
        path: join(directory, 'status.json'),
      });
      expect(await file.read()).toEqual({ stack: 'old' });
      expect(await readdir(directory)).not.toContain('.status.json.tmp');
      await empty();
      expect(await file.write({ stack: 'new' })).toBe(true);
    });
  });

  test('one that is wrong makes room for the next on a full disk, and goes where that has none', async () => {
    await withTinyDisk(async (directory, fill) => {
      const file = new StatusFile(join(directory, 'status.json'));
      const old = { stack: 'x'.repeat(5_000) };
      await file.write(old);
      await fill();
      const next = { stack: 'y'.repeat(5_000) };
      await expect(file.write(next)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(await file.read()).toEqual(old);
      expect(await file.replace(next)).toBe(true);
      expect(await file.read()).toEqual(next);
      await expect(file.replace({ stack: 'x'.repeat(40_000) })).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(await readdir(directory)).not.toContain('status.json');
    });
  });
});
