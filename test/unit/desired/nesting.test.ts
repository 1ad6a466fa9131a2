import { expect, test } from 'vitest';
import { nestsTooDeeply } from '../../../src/reconcilers/desired/nesting.js';
import { load } from './manifest-text.js';

const OPENINGS = ['[', '{', '- ', '? ', 'a: &a [', '{a: '];

test.each(OPENINGS)('%j again and again is found to nest, however long it is', (open) => {
  expect(nestsTooDeeply(open.repeat(100_000))).toBe(true);
  expect(load(open.repeat(100_000)).ok).toBe(false);
});

test('what a manifest may nest is not too deep', () => {
  expect(nestsTooDeeply(`${'['.repeat(40)}${']'.repeat(40)}`)).toBe(false);
  expect(nestsTooDeeply('a:\n  b:\n    c: [1, {d: 2}]\n'.repeat(1000))).toBe(false);
});
