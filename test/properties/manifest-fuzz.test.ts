import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/reconcilers/desired/manifest-problem.js';
import { load } from '../unit/desired/manifest-text.js';

const SAMPLE = readFileSync(new URL('../../manifest.yaml', import.meta.url));
const YAML = [
  '&a ',
  '*a',
  '<<: ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '|',
  '>',
  '!',
  '%',
  '- ',
  '? ',
  ': ',
  '#',
  '\t',
  '\n',
  '---\n',
  'null',
  '.nan',
  '1e999',
];

const edit = fc.record({
  at: fc.nat(SAMPLE.length),
  drop: fc.nat(20),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(...YAML).map((text) => Buffer.from(text)),
  ),
});

function applyEdit(
  bytes: Uint8Array,
  { at, drop, put }: { at: number; drop: number; put: Uint8Array },
): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]);
}

/** A result is a stack, or at least one error; never a throw. */
function check(bytes: Uint8Array): void {
  const result = load(bytes);
  if (result.ok) {
    expect(result.stack.services.length).toBeGreaterThan(0);
    expect(result.warnings.every(({ severity }) => severity === 'warning')).toBe(true);
  } else {
    expect(result.problems.some(({ severity }) => severity === 'error')).toBe(true);
    for (const problem of result.problems)
      expect(formatProblem(problem)).not.toMatch(/undefined|\[object|NaN|\n/);
  }
}

describe('whatever the bytes are', () => {
  it('an edited sample gives a stack or errors', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) =>
        check(edits.reduce(applyEdit, SAMPLE)),
      ),
      { numRuns: 400 },
    );
  });

  it('so do any values in the right places, and any document', () => {
    const key = fc.constantFrom(
      'services',
      'nginx',
      'opa',
      'network',
      'image',
      'port',
      'env',
      'logs',
      'volumes',
      'policy',
      'a',
    );
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string(), { maxLength: 2 }),
    );
    const inner = fc.oneof(leaf, fc.dictionary(key, leaf, { maxKeys: 4 }));
    const document = fc.dictionary(key, fc.oneof(inner, fc.dictionary(key, inner, { maxKeys: 4 })), {
      maxKeys: 6,
    });
    fc.assert(
      fc.property(document, (data) => check(Buffer.from(JSON.stringify(data)))),
      { numRuns: 500 },
    );
  });

  it('so do bytes at random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => check(bytes)),
      { numRuns: 500 },
    );
  });

  it('the sample cut off before its network is never accepted, wherever the cut is', () => {
    const whole = SAMPLE.indexOf('  name: swiftdeploy-net');
    for (let length = 0; length < whole; length++) expect(load(SAMPLE.subarray(0, length)).ok).toBe(false);
  });
});
