/** Law 4 where somebody gives the policy engine another token: nothing goes forward, the way back is open, and it is filled and started anew. */
import { expect, test } from 'vitest';
import { connectEngine } from '../../src/reconcilers/docker/connect.js';
import { authzPolicy, newToken, tokenDigest } from '../../src/reconcilers/policy/authz-policy.js';
import { BUNDLE_DIR } from '../../src/reconcilers/policy/policy-bundle.js';
import { docker } from '../support/engine.js';
import { useStack } from '../support/stack.js';

/** It is given a minute to start before it is started anew. */
const MENDED = { timeoutMs: 120_000 };

const stack = useStack();

/** Whoever asks shows a token that this engine does not know any more. */
async function rotateToken(): Promise<void> {
  const { Id } = await stack.part('policy');
  const content = authzPolicy(tokenDigest(newToken()));
  const guard = { path: `${BUNDLE_DIR}/system/authz.rego`, content, mode: 0o644, uid: 0 };
  await connectEngine(process.env).putFiles(Id, [guard]);
  await docker.getContainer(Id).restart({ t: 0 });
}

test('a policy engine with another token keeps nobody on a canary, lets nothing new begin, and is mended', async () => {
  await stack.set({ mode: 'canary', version: '2' });
  await stack.serves('2');
  await stack.settled();
  const seq = await stack.lastSeq();
  await stack.frozen(async () => {
    await rotateToken();
    await stack.set({ mode: 'stable', version: '1' });
  });
  await stack.serves('1');
  await stack.event(seq, 'rollback');

  const before = await stack.lastSeq();
  await stack.set({ version: '3' });
  const denied = await stack.event(before, 'policy_denied', { question: 'replace', proceeded: false });
  expect(JSON.stringify(denied.reasons)).toMatch(/OPA_(UNAUTHORIZED|UNREACHABLE)/);
  expect(await stack.servedVersion()).toBe('1');

  await stack.serves('3', MENDED);
  await stack.settled();
});
