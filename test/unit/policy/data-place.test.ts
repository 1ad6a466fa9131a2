/** Data that OPA did not load has the place of its fault, where somebody can tell it. */
import { expect, test } from 'vitest';
import { formatPolicyProblem } from '../../../src/reconcilers/policy/check-policies.js';
import { withDataPlace } from '../../../src/reconcilers/policy/data-place.js';

function said(text: string, message: string, path = 'x/data.yaml') {
  const files = [{ path, content: Buffer.from(text) }];
  return formatPolicyProblem(withDataPlace({ file: 'x/data.yaml', code: 'data_not_loaded', message }, files));
}

const NOT_FOUND = "yaml: line 1: did not find expected ',' or ']'";

test.each([
  ['a list without an end', 'ok: 1\na: [1', NOT_FOUND, '2:6 '],
  ['a tab', 'a:\n\tb: 1\n', 'yaml: line 2: found character that cannot start any token', '2:1 '],
  ['a key twice', 'a: 1\nb: 2\na: 3\n', 'yaml: unmarshal errors', '3:1 '],
  ['what this parser takes', 'a: 1\nb: 2\n', 'yaml: line 2: cannot decode', '2 '],
  ['what nobody can place', 'a: 1\n', 'yaml: no', ' '],
])('%s', (_name, text, message, at) => {
  const place = at === ' ' ? 'x/data.yaml ' : `x/data.yaml:${at}`;
  expect(said(text, message)).toBe(`${place}data_not_loaded: ${message}`);
});

test('a file that is not of the set, and what nests without end, have what OPA names', () => {
  expect(said('a: [1', NOT_FOUND, 'y/data.yaml')).toBe(`x/data.yaml data_not_loaded: ${NOT_FOUND}`);
  expect(said('['.repeat(20_000), NOT_FOUND)).toBe(`x/data.yaml:1 data_not_loaded: ${NOT_FOUND}`);
});
