/** The package of a Rego file, in every spelling that OPA 1.21 was seen to accept, and none that it refuses. */
import { expect, test } from 'vitest';
import { regoPackage } from '../../../src/reconcilers/policy/rego-package.js';

test.each([
  ['package a', ['a']],
  ['# c\n\n  package a.b_c.d1\nx := 1', ['a', 'b_c', 'd1']],
  ['package\tsystem.authz', ['system', 'authz']],
  ['package\n# c\nsystem.authz', ['system', 'authz']],
  ['\uFEFFpackage system.authz', ['system', 'authz']],
  ['package system["authz"]', ['system', 'authz']],
  ['package system[ `authz` ].x', ['system', 'authz', 'x']],
  ['package swiftdeploy["a-\\u0062"]', ['swiftdeploy', 'a-b']],
])('%j', (text, name) => {
  expect(regoPackage(text)).toEqual(name);
});

test.each([
  '',
  'allow := true',
  'import rego.v1\npackage a',
  'package',
  'packagea',
  'package["x"]',
  'package "a".b',
  '; package a',
])('%j has none', (text) => {
  expect(regoPackage(text)).toBeUndefined();
});
