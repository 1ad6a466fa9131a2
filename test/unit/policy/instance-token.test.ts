/** One key, and of it a token for each policy engine. */
import { expect, test } from 'vitest';
import { PolicyShelf } from '../../../src/cli/loop/policy-shelf.js';
import { newToken, tokenDigest } from '../../../src/reconcilers/policy/authz-policy.js';
import { instanceToken } from '../../../src/reconcilers/policy/instance-token.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';

const SET = policySetOf([{ path: 'x/x.rego', content: Buffer.from('package swiftdeploy.x\n') }]);

test('a token has 256 bits, is the same again, and differs by engine and by key', () => {
  const key = newToken();
  const token = instanceToken(key, 'a');
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(instanceToken(key, 'a')).toBe(token);
  expect(new Set([token, instanceToken(key, 'b'), instanceToken(newToken(), 'a'), key]).size).toBe(4);
});

test('what a container is given holds the digest of its own token, and no token', () => {
  const key = newToken();
  const shelf = new PolicyShelf(key);
  expect(shelf.filesFor('a')).toEqual([]);
  shelf.serve(SET);
  const given = (id: string) =>
    shelf
      .filesFor(id)
      .map(({ content }) => content.toString())
      .join('\n');
  expect(given('a')).toContain(tokenDigest(instanceToken(key, 'a')));
  expect(given('a')).not.toContain(tokenDigest(instanceToken(key, 'b')));
  for (const secret of [key, instanceToken(key, 'a')]) expect(given('a')).not.toContain(secret);
});

test('the digest that names an engine is of set and key, whatever the container', () => {
  const digest = (key: string) => new PolicyShelf(key).serve(SET).digest;
  expect(digest('one')).toBe(digest('one'));
  expect(digest('one')).not.toBe(digest('two'));
});
