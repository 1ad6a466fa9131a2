import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readableStack } from '../../../src/cli/basics/readable-stack.js';

const dir = mkdtempSync(join(tmpdir(), 'swd stack-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Its first line is the third of src/plan.ts. */
const MAP = { version: 3, sources: ['src/plan.ts'], names: [], mappings: 'AAEA' };
writeFileSync(join(dir, 'mapped.js.map'), JSON.stringify(MAP));
writeFileSync(join(dir, 'broken.js.map'), '{');

function traceIn(name: string): string {
  return `Error: no\n    at plan (${pathToFileURL(join(dir, name)).href}:1:1)\n    at node:internal/main:1:1`;
}

test('a place in the bundle is told as the place in the source', () => {
  expect(readableStack(traceIn('mapped.js'))).toBe(
    `Error: no\n    at plan (${join(dir, 'src/plan.ts')}:3:1)\n    at node:internal/main:1:1`,
  );
});

test.each(['absent.js', 'broken.js'])('a map that cannot be read (%s) changes nothing', (name) => {
  expect(readableStack(traceIn(name))).toBe(traceIn(name));
});
