import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveInside } from '../../src/controller/git/tree.js';

describe('a path in a tree', () => {
  test('without other links ends where the path says, and nowhere outside', () => {
    const part = fc.constantFrom('a', 'b', '.', '..');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const path = parts.join('/');
        const isOutside = parts.some((_, n) =>
          posix.normalize(parts.slice(0, n + 1).join('/')).startsWith('..'),
        );
        const end = posix.normalize(`./${path}`).replace(/\/$/, '');
        expect(resolveInside(path, new Map(), new Map())).toBe(
          isOutside ? undefined : end === '.' ? '' : end,
        );
      }),
    );
  });
});
