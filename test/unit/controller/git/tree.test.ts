import { describe, expect, test } from 'vitest';
import {
  parseTree,
  refuseLinks,
  refuseTree,
  resolveInside,
  type Tree,
  type TreeEntry,
} from '../../../../src/controller/git/tree.js';

const OBJECT = 'a'.repeat(40);

function treeOf(links: Readonly<Record<string, string>>, files: readonly string[] = []): Tree {
  const entry = { object: OBJECT, size: 1 };
  return new Map<string, TreeEntry>([
    ...Object.keys(links).map((path): [string, TreeEntry] => [path, { kind: 'link', ...entry }]),
    ...files.map((path): [string, TreeEntry] => [path, { kind: 'file', ...entry }]),
  ]);
}

function resolved(path: string, links: Readonly<Record<string, string>>) {
  return resolveInside(path, treeOf(links), new Map(Object.entries(links)));
}

describe('a tree', () => {
  test('is read with its kinds, sizes and whatever names there are', () => {
    const output = `100644 blob ${OBJECT}      12\ta b\tü\n.txt\u0000120000 blob ${OBJECT}       3\tlink\u0000160000 commit ${OBJECT}       -\tsub\0`;
    expect([...parseTree(output)]).toEqual([
      ['a b\tü\n.txt', { kind: 'file', object: OBJECT, size: 12 }],
      ['link', { kind: 'link', object: OBJECT, size: 3 }],
      ['sub', { kind: 'submodule', object: OBJECT, size: 0 }],
    ]);
  });

  test.each(['../x', 'a/../x', './x', 'a//x', '.git/config', 'a/.GIT/hooks/x'])('may not have %s', (path) => {
    expect(() => refuseTree(treeOf({}, [path]), OBJECT, false)).toThrow('which is not allowed');
  });
});

describe('a link', () => {
  test.each([
    ['a', { a: 'b/c' }, 'b/c'],
    ['d/a', { 'd/a': '../x' }, 'x'],
    ['a/x', { a: 'b', b: 'c' }, 'c/x'],
    ['a', { a: '.' }, ''],
    ['d/a', { 'd/a': '../../x' }, undefined],
    ['a', { a: 'here/../x', here: '.' }, undefined],
    ['a', { a: 'b', b: 'a' }, undefined],
    ['a', { a: '/etc' }, undefined],
    ['a', { a: '..' }, undefined],
  ])('%s of %j ends at %s', (path, links, end) => {
    expect(resolved(path, links)).toBe(end);
  });

  test.each([
    ['leaves the repository', { 'd/a': '../../x' }, '"d/a" to "../../x"'],
    ['is absolute', { a: '/etc' }, '"a" to "/etc"'],
    [
      'leads in a circle, or over more than 40 links',
      { 'manifest.yaml': 'manifest.yaml' },
      '"manifest.yaml" to "manifest.yaml"',
    ],
    ['leads in a circle, or over more than 40 links', { a: 'b', b: 'a' }, '"a" to "b"'],
  ])('that %s is named with its target: %j', (why, links, named) => {
    expect(() => refuseLinks(treeOf(links), new Map(Object.entries<string>(links)), OBJECT)).toThrow(
      `aaaaaaa has the symbolic link ${named}, which ${why}`,
    );
  });
});
