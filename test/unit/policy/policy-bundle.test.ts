/** What an OPA container is given: the set without its tests, the revision, and a guard that knows only a digest. */
import { expect, test } from 'vitest';
import { newToken, tokenDigest } from '../../../src/reconcilers/policy/authz-policy.js';
import {
  opaServerArgs,
  policyBundle,
  policyCheckBundle,
} from '../../../src/reconcilers/policy/policy-bundle.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';

const SET = policySetOf([
  { path: 'a/a.rego', content: Buffer.from('package swiftdeploy.a\n') },
  { path: 'a/a_test.rego', content: Buffer.from('package swiftdeploy.a_test\n') },
  { path: 'a/data.json', content: Buffer.from('{}') },
]);

test('the bundle has the policies, the revision and the guard, and no tests', () => {
  const files = policyBundle(SET, tokenDigest('secret'));
  expect(files.map((file) => file.path)).toEqual([
    'a/a.rego',
    'a/data.json',
    '.manifest',
    'system/authz.rego',
    'system/proof.rego',
    'system/log.rego',
  ]);
  const manifest = files.find((file) => file.path === '.manifest')?.content.toString() ?? '';
  expect(JSON.parse(manifest)).toEqual({ revision: SET.revision, roots: [''] });
});

test('the token itself is nowhere in it', () => {
  const token = newToken();
  const text = Buffer.concat(policyBundle(SET, tokenDigest(token)).map((file) => file.content)).toString();
  expect(text).not.toContain(token);
  expect(text).toContain(tokenDigest(token));
});

test('tokens are 256 bits and never the same', () => {
  expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32);
  expect(newToken()).not.toBe(newToken());
});

test('the check sees the tests too, beside the same guard', () => {
  const paths = policyCheckBundle(SET).map((file) => file.path);
  expect(paths).toEqual([
    'a/a.rego',
    'a/a_test.rego',
    'a/data.json',
    '.manifest',
    'system/authz.rego',
    'system/log.rego',
  ]);
});

test('OPA listens for others than itself, asks for a token, and stays quiet', () => {
  expect(opaServerArgs().join(' ')).toMatchInlineSnapshot(
    `"run --server --addr=0.0.0.0:8181 --authentication=token --authorization=basic --log-level=error --skip-version-check --set=decision_logs.console=true --bundle /bundle"`,
  );
  expect(opaServerArgs('info')).toContain('--log-level=info');
});
