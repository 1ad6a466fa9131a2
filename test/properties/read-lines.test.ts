import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  readLineBatches,
  readLines,
  readLinesBackwards,
  type Line,
} from '../../src/controller/history/read-lines.js';

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swiftdeploy-test-'));
});

afterAll(() => rm(dir, { recursive: true }));

/** Lines of a few bytes, and of a length around the chunks in which files are read. */
const content = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 40 }) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom(65_536, 131_072, 300_000), fc.integer({ min: -2, max: 2 })),
      },
    ),
    { maxLength: 12 },
  )
  .map((lengths) =>
    lengths
      .map((length) => 'x'.repeat(typeof length === 'number' ? length : length[0] + length[1]))
      .join('\n'),
  );

/** What a split of the whole text says. */
function linesOf(text: string) {
  const parts = text.split('\n');
  let offset = 0;
  return parts
    .map((part, index) => {
      const line = { length: part.length, offset, isWhole: index < parts.length - 1 };
      offset += part.length + 1;
      return line;
    })
    .filter(({ length, isWhole }) => isWhole || length > 0);
}

function short({ bytes, offset, isWhole }: Line) {
  return { length: bytes.length, offset, isWhole };
}

test('lines are the same forwards, backwards, and from any line on', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.nat(), async (text, pick) => {
      const path = join(dir, 'lines');
      await writeFile(path, text);
      const expected = linesOf(text);
      const file = await open(path, 'r');
      try {
        const forwards: Line[] = [];
        for await (const line of readLines(file)) forwards.push(line);
        expect(forwards.map(short)).toEqual(expected);
        const backwards: Line[] = [];
        for await (const line of readLinesBackwards(file, text.length)) backwards.push(line);
        expect(backwards.reverse().map(short)).toEqual(expected);
        const from = expected.length === 0 ? 0 : pick % expected.length;
        const rest: Line[] = [];
        for await (const batch of readLineBatches(file, expected[from]?.offset)) rest.push(...batch);
        expect(rest.map(short)).toEqual(expected.slice(from));
      } finally {
        await file.close();
      }
    }),
    { numRuns: 60 },
  );
});
