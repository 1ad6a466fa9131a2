import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import { SuspendFile, type PersonSuspend } from '../../../src/reconcilers/suspend/suspend-file.js';
import { SuspendKeeper } from '../../../src/reconcilers/suspend/suspend-keeper.js';

const NOW = Date.parse('2026-05-05T20:00:00.000Z');
const HOUR_MS = 3_600_000;

const WORD: PersonSuspend = {
  by: 'person',
  who: 'ana@host',
  why: 'INC-42',
  since: '2026-05-05T20:00:00.000Z',
};

let dir = '';
let events: HistoryEventInput[] = [];
let isDiskFull = false;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd-suspend-'));
  events = [];
  isDiskFull = false;
});

afterEach(() => rm(dir, { recursive: true, force: true }));

/** A life of the controller. */
function keeper(): SuspendKeeper {
  const record = (event: HistoryEventInput) => {
    if (isDiskFull) return Promise.reject(new Error('ENOSPC'));
    events.push(event);
    return Promise.resolve();
  };
  return new SuspendKeeper({ stateDir: dir, record });
}

function leave(...suspends: readonly PersonSuspend[]): Promise<void> {
  return new SuspendFile(dir).leave({ suspends, endedBy: 'bob@host' });
}

describe('what a person suspends', () => {
  test('holds from the next look on, and is told once, over all lives', async () => {
    await leave(WORD);
    const first = keeper();
    expect(await first.look(undefined, NOW)).toEqual([WORD]);
    await first.look(undefined, NOW + 1);
    expect(await keeper().look(undefined, NOW + 2)).toEqual([WORD]);
    expect(events).toEqual([
      { event: 'suspended', who: 'ana@host', why: 'INC-42', since: '2026-05-05T20:00:00.000Z' },
    ]);
  });

  test('of several services is told as one, and ended one by one', async () => {
    await leave({ ...WORD, service: 'web' }, { ...WORD, service: 'app' });
    const life = keeper();
    await life.look(undefined, NOW);
    await leave({ ...WORD, service: 'web' });
    await life.look(undefined, NOW + HOUR_MS);
    expect(events).toMatchObject([
      { event: 'suspended', services: ['app', 'web'] },
      { event: 'resumed', who: 'bob@host', services: ['app'], duration_ms: HOUR_MS },
    ]);
  });

  test('said again with other words goes on: no end is told', async () => {
    await leave(WORD);
    const life = keeper();
    await life.look(undefined, NOW);
    await leave({ ...WORD, why: 'INC-43' });
    await life.look(undefined, NOW);
    expect(events.map(({ event, why }) => [event, why])).toEqual([
      ['suspended', 'INC-42'],
      ['suspended', 'INC-43'],
    ]);
  });

  test('for a time ends by itself, also while nobody looked', async () => {
    const until = new Date(Date.now() + HOUR_MS).toISOString();
    await leave({ ...WORD, until });
    await keeper().look(undefined, NOW);
    expect(await keeper().look(undefined, Date.parse(until) - 1)).toHaveLength(1);
    expect(await keeper().look(undefined, Date.parse(until))).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: 'resumed', who: 'time', until });
  });

  test('holds while what stands in its file cannot be believed; a file that is gone ends it', async () => {
    await leave(WORD);
    const life = keeper();
    await life.look(undefined, NOW);
    for (const text of ['', '{"suspends": [', '{}', '{"suspends": [{"who": 1}]}']) {
      await writeFile(join(dir, 'suspend.json'), text);
      expect(await life.look(undefined, NOW)).toEqual([WORD]);
    }
    await rm(join(dir, 'suspend.json'));
    expect(await life.look(undefined, NOW)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: 'resumed', who: 'unknown' });
  });

  test('holds on a full disk, and is told when there is room', async () => {
    await leave(WORD);
    isDiskFull = true;
    const life = keeper();
    expect(await life.look(undefined, NOW)).toEqual([WORD]);
    expect(events).toEqual([]);
    isDiskFull = false;
    await life.look(undefined, NOW);
    expect(events).toHaveLength(1);
  });

  test('is shown in one line, whoever wrote the file, and read by its owner alone', async () => {
    await leave({ ...WORD, why: 'a\nb\u001b[2J' });
    const [suspend] = await keeper().look(undefined, NOW);
    expect(suspend?.why).toBe('a b');
    expect((await stat(join(dir, 'suspend.json'))).mode & 0o777).toBe(0o600);
  });

  test('that is over is left out of the file by the next word', async () => {
    await leave({ ...WORD, until: '2020-01-01T00:00:00.000Z' }, { ...WORD, service: 'app' });
    const text = await readFile(join(dir, 'suspend.json'), 'utf8');
    expect((JSON.parse(text) as { suspends: unknown[] }).suspends).toHaveLength(1);
  });
});

describe('what the manifest suspends', () => {
  test('holds since the first look that saw it, over all lives', async () => {
    await keeper().look({ suspend: 'stack' }, NOW);
    const later = await keeper().look({ suspend: 'stack' }, NOW + HOUR_MS);
    expect(later).toEqual([{ by: 'manifest', since: '2026-05-05T20:00:00.000Z' }]);
  });

  test('ends with its edit, and a person’s word does not end with it', async () => {
    await leave(WORD);
    const life = keeper();
    await life.look({ suspend: ['app'] }, NOW);
    expect(await life.look({}, NOW)).toEqual([WORD]);
    expect(events.map(({ event, who, services }) => [event, who, services])).toEqual([
      ['suspended', 'manifest', ['app']],
      ['suspended', 'ana@host', undefined],
      ['resumed', 'manifest', ['app']],
    ]);
  });
});
