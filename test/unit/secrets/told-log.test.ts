import { expect, test } from 'vitest';
import type { ObservedContainer, ObservedImage } from '../../../src/reconcilers/observed/world.js';
import { toldLog } from '../../../src/reconcilers/secrets/told-log.js';

const tokens = { proxy: 'proxy-token', policy: 'policy-key' };

/** An engine that has one container, or none any more. */
function engineWith(env: Record<string, string> | undefined, image: Record<string, string> | undefined) {
  const log = ['Node.js v22.1.0', 'no: hunter2-x', 'X-Swiftdeploy-Token: proxy-token', 'policy-key'];
  return {
    inspectContainer: () =>
      Promise.resolve(
        env === undefined ? undefined : ({ config: { env, imageId: 'i' } } as unknown as ObservedContainer),
      ),
    inspectImage: (id: string) =>
      Promise.resolve(
        id === 'i' && image !== undefined ? ({ env: image } as unknown as ObservedImage) : undefined,
      ),
    logs: (_id: string, lines: number) => Promise.resolve(log.slice(-lines)),
  };
}

const ENV = { DB_PASSWORD: 'hunter2-x', NODE_VERSION: '22.1.0' };

test("a log is told without the container's own values and the stack's tokens", async () => {
  expect(await toldLog(engineWith(ENV, { NODE_VERSION: '22.1.0' }), 'c', { lines: 4, tokens })).toEqual([
    'Node.js v22.1.0',
    'no: ‹DB_PASSWORD›',
    'X-Swiftdeploy-Token: ‹token of proxy›',
    '‹token of policy›',
  ]);
});

test('whose image is gone is not trusted with more', async () => {
  const [first] = await toldLog(engineWith(ENV, undefined), 'c', { lines: 4, tokens });
  expect(first).toBe('Node.js v‹NODE_VERSION›');
});

test('of a container that is gone nothing is told', async () => {
  expect(await toldLog(engineWith(undefined, undefined), 'c', { lines: 4, tokens })).toEqual([]);
});
