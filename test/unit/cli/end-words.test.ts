/** The last line of a command that waited in vain. */
import { expect, test } from 'vitest';
import { plain } from '../../../src/cli/basics/talk.js';
import { EXIT } from '../../../src/cli/basics/exit.js';
import { endLines } from '../../../src/cli/telling/end-words.js';
import type { End } from '../../../src/cli/telling/reporter.js';

const READY: End['conditions'] = [
  {
    type: 'Ready',
    status: 'True',
    reason: 'Settled',
    message: '1 service as the manifest says',
    observedGeneration: 1,
    lastTransitionTime: '2026-05-05T20:55:22.113Z',
  },
];

test('of a controller that is stopped says so', () => {
  const end = { code: EXIT.failed, conditions: READY, timeoutMs: 4000, isUnanswered: true as const };
  expect(endLines(end, { paint: plain, hasTold: () => false })[1]).toBe(
    '! the stack is controlled by another process, which does not answer (is it stopped?)',
  );
});

test('of a stack that is as it should be, and that no disk takes a word of, names the disk', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC', path: '/srv/status.json' });
  const end = { code: EXIT.failed, conditions: READY, timeoutMs: 60_000, unwritten: full };
  expect(endLines(end, { paint: plain, hasTold: () => false })).toEqual([
    '✘ not ready after 60 s; /srv/status.json cannot be read or written: there is no space left on the disk',
  ]);
});

test('of a stack that nobody has looked at yet says what is under way', () => {
  const end = {
    code: EXIT.failed,
    conditions: [],
    timeoutMs: 60_000,
    awaited: 'the first check of the policies',
  };
  expect(endLines(end, { paint: plain, hasTold: () => false })).toEqual([
    '✘ not ready after 60 s; still missing: the first check of the policies',
  ]);
});
