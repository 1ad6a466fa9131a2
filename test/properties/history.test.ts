import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HISTORY_EVENTS, type HistoryEventInput } from '../../src/controller/history/history-event.js';
import { HistoryLog } from '../../src/controller/history/history-log.js';
import { readEvents } from '../../src/controller/history/read-events.js';
import { verifyHistory } from '../../src/controller/history/verify-history.js';

/** What may happen to a history: events, a restart, or a crash that leaves part of an unacknowledged write behind. */
type Happening =
  | { readonly do: 'append'; readonly inputs: readonly HistoryEventInput[] }
  | { readonly do: 'restart' }
  | { readonly do: 'tear'; readonly garbage: Uint8Array }
  | { readonly do: 'half-write'; readonly cut: number };

const input = fc
  .tuple(
    fc.constantFrom(...HISTORY_EVENTS),
    fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 4 }),
  )
  .filter(
    ([, fields]) =>
      !['event', 'seq', 'timestamp', 'prev', '__proto__'].some(
        (name) => name in Object(fields) && Object.hasOwn(fields, name),
      ),
  )
  .map(([event, fields]): HistoryEventInput => ({ ...fields, event }));

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('tear' as const),
      garbage: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('half-write' as const),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

/** In memory where there is such a place: the property is about what is written, not about how long a disk takes to confirm it. */
const HOME = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A line as the log would have written it, cut anywhere before its newline: what a crash in the middle of a write leaves. */
async function leaveHalfWrite(path: string, cut: number): Promise<void> {
  const acknowledged = (await stat(path)).size;
  const log = await HistoryLog.open(path);
  await log.append({ event: 'deploy', never: 'acknowledged' });
  await log.close();
  const { size } = await stat(path);
  await truncate(path, acknowledged + Math.floor((size - 1 - acknowledged) * cut));
}

test('after any sequence of appends, restarts and torn writes every acknowledged event is there, and the chain holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 12 }),
      fc.integer({ min: 200, max: 5_000 }),
      async (happenings, maxBytes) => {
        const directory = await mkdtemp(join(HOME, 'swiftdeploy-test-'));
        const path = join(directory, 'history.jsonl');
        const acknowledged: number[] = [];
        let log = await HistoryLog.open(path, { maxBytes });
        for (const what of happenings) {
          if (what.do === 'append') {
            const events = await Promise.all(what.inputs.map((one) => log.append(one)));
            acknowledged.push(...events.map(({ seq }) => seq));
            continue;
          }
          await log.close();
          if (what.do === 'tear') await appendFile(path, what.garbage);
          if (what.do === 'half-write') await leaveHalfWrite(path, what.cut);
          log = await HistoryLog.open(path, { maxBytes });
        }
        await log.close();
        const seqs = new Set<number>();
        for await (const { seq } of readEvents(path)) seqs.add(seq);
        expect(acknowledged.filter((seq) => !seqs.has(seq))).toEqual([]);
        expect(await verifyHistory(path)).toEqual({ ok: true, problems: [], events: seqs.size });
        await rm(directory, { recursive: true });
      },
    ),
    { numRuns: 60 },
  );
});

test('one changed byte anywhere, the last line apart, shows', async () => {
  const directory = await mkdtemp(join(HOME, 'swiftdeploy-test-'));
  const path = join(directory, 'history.jsonl');
  const log = await HistoryLog.open(path);
  for (let n = 0; n < 6; n += 1) await log.append({ event: 'deploy', service: 'app', n });
  await log.close();
  const whole = await readFile(path);
  const lastLine = whole.lastIndexOf('\n', whole.length - 2);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: lastLine }),
      fc.integer({ min: 1, max: 255 }),
      async (at, change) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ change;
        await writeFile(path, changed);
        expect((await verifyHistory(path)).ok).toBe(false);
      },
    ),
    { numRuns: 150 },
  );
  await rm(directory, { recursive: true });
});
