import { expect, test } from 'vitest';
import { blockersOf, listed } from '../../../src/reconcilers/report/blockers.js';

test('one trouble hides no other: each is there with its reason, what must be mended first comes first', () => {
  const findings = [
    { kind: 'foreign' as const, target: '80', message: 'port 80 is in use' },
    { kind: 'image-moved' as const, target: 'app:1', message: 'app:1 is another image now' },
  ];
  const facts = {
    failures: ['app 2: ended'],
    findings,
    denials: ['disk is low'],
    unasked: [],
    unstable: ['web falls'],
  };
  expect(blockersOf(facts)).toEqual([
    { reason: 'RolloutFailed', message: 'app 2: ended; it is not tried again until the spec changes' },
    { reason: 'NameOrPortTaken', message: 'port 80 is in use' },
    { reason: 'PolicyDenied', message: 'disk is low' },
    { reason: 'Unstable', message: 'web falls' },
  ]);
});

test('a list may be part of a sentence', () => {
  expect(listed(['a', 'b', 'c', 'd'], ', ')).toBe('a, b, c, and 1 more');
});

test.each([
  [['a'], 'a'],
  [['a', 'b', 'c'], 'a; b; c'],
  [['a', 'b', 'c', 'd', 'e'], 'a; b; c; and 2 more'],
  [['a', 'a'], 'a'],
])('a list tells three, and how many more there are: %j', (sentences, words) => {
  expect(listed(sentences)).toBe(words);
});
