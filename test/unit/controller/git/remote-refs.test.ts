import { describe, expect, test } from 'vitest';
import {
  chooseTarget,
  nothingToFollow,
  parseRefs,
  refPatterns,
} from '../../../../src/controller/git/remote-refs.js';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

function refsOf(rows: Readonly<Record<string, string>>) {
  return parseRefs(
    Object.entries(rows)
      .map(([name, object]) => `${object}\t${name}\n`)
      .join(''),
  );
}

describe('what is followed', () => {
  test('HEAD by the name of its branch', () => {
    const refs = parseRefs(`ref: refs/heads/trunk\tHEAD\n${A}\tHEAD\n`);
    expect(chooseTarget({ kind: 'default' }, refs)).toMatchObject({
      remote: 'refs/heads/trunk',
      shown: 'trunk',
      commit: A,
    });
  });

  test('a branch before a tag of the same name, and the tag by its full one', () => {
    const refs = refsOf({ 'refs/heads/x': A, 'refs/tags/x': B, 'refs/tags/x^{}': C });
    expect(chooseTarget({ kind: 'name', name: 'x' }, refs)).toMatchObject({ commit: A });
    expect(chooseTarget({ kind: 'name', name: 'refs/tags/x' }, refs)).toMatchObject({
      commit: C,
      object: B,
      tag: 'x',
    });
  });

  test('a branch whose name looks like a commit is a branch', () => {
    const refs = refsOf({ 'refs/heads/deadbeef': A });
    expect(chooseTarget({ kind: 'name', name: 'deadbeef' }, refs)).toMatchObject({ kind: 'ref', commit: A });
    expect(chooseTarget({ kind: 'name', name: 'deadbee' }, refs)).toEqual({
      kind: 'commit',
      commit: 'deadbee',
    });
  });

  test.each([
    ['^1.2', 'v1.10.0'],
    ['1.2.x', '1.2.9'],
    ['>=2.0.0-0', 'v2.0.0-rc.1'],
    ['^3', undefined],
  ])('of the tags, the newest in %s', (range, tag) => {
    const tags = ['v1.2.0', '1.2.9', 'v1.10.0', 'v2.0.0-rc.1', 'nightly', 'v9'];
    const refs = refsOf(Object.fromEntries(tags.map((name) => [`refs/tags/${name}`, A])));
    expect(chooseTarget({ kind: 'semver', range }, refs)).toEqual(
      tag === undefined ? undefined : expect.objectContaining({ tag }),
    );
  });

  test('the server is asked for no more than that', () => {
    expect(refPatterns({ kind: 'name', name: 'x' })).toEqual([
      'refs/heads/x',
      'refs/tags/x',
      'refs/tags/x^{}',
    ]);
    expect(refPatterns({ kind: 'default' })).toEqual(['HEAD']);
  });
});

test('where there is nothing to follow, it says what there is', () => {
  const refs = refsOf({ 'refs/heads/main': A, 'refs/tags/v1.0.0': B });
  const problem = nothingToFollow({ kind: 'name', name: 'mian' }, refs);
  expect(problem).toMatchObject({
    reason: 'RefNotFound',
    message: 'there is no branch, tag or commit "mian"; there are the branches main and the tags v1.0.0',
  });
  expect(nothingToFollow({ kind: 'default' }, refsOf({})).reason).toBe('EmptyRepository');
});
