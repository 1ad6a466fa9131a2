import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/reconcilers/desired/canonical-json.js';
import { specHash } from '../../../src/reconcilers/desired/spec-hash.js';
import { serviceOf } from './manifest-text.js';

function hashOf(lines: string): string {
  return specHash(serviceOf(lines).container);
}

describe('canonical JSON', () => {
  it('sorts keys at every level and keeps lists as they are', () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }, 2], a: null })).toBe('{"a":null,"b":[{"d":1},2]}');
  });
});

describe('the spec hash', () => {
  it('is a SHA-256 that no refactoring may change: every container would be replaced', () => {
    expect(hashOf('version: "1.0.0"')).toMatchInlineSnapshot(
      `"d1368a0525bdb1c3fa9c18899d092509c5f3d30e61209e26365df31c1a2a96a6"`,
    );
  });

  it.each([
    'mode: canary',
    'replicas: 2',
    'drain: 5s',
    'route: { path: /x }',
    'pull: always',
    'health: false',
    'env: { MODE: canary }',
  ])('does not change with %s', (line) => expect(hashOf(line)).toBe(hashOf('')));

  it.each([
    'version: v2',
    'env: { A: b }',
    'command: x',
    'log_volume: logs',
    'user: 0',
    'aliases: [x]',
    'resources: { pids: 1 }',
  ])('changes with %s', (line) => expect(hashOf(line)).not.toBe(hashOf('')));

  it('does not depend on the order in which things are written', () => {
    expect(hashOf('env: { A: "1", B: "2" }\nvolumes: ["aa:/a", "bb:/b"]\naliases: [x, y]')).toBe(
      hashOf('aliases: [y, x]\nvolumes: ["bb:/b", "aa:/a"]\nenv: [B=2, A=1]'),
    );
  });
});
