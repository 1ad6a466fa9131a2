/** How the Engine's events are followed while the engine comes and goes. */
import { expect, test } from 'vitest';
import { Backoff } from '../../../src/controller/backoff.js';
import type { Engine } from '../../../src/reconcilers/docker/engine.js';
import { EventTrigger } from '../../../src/reconcilers/docker/event-trigger.js';
import { until } from '../../support/until.js';

test('an outage is told once, however often the stream is tried, and the next one again', async () => {
  const tries: ('refused' | 'opened')[] = [];
  const broken: unknown[] = [];
  const engine: Pick<Engine, 'followEvents'> = {
    followEvents: ({ onOpen }) => {
      const isBack = tries.length === 3;
      tries.push(isBack ? 'opened' : 'refused');
      if (isBack) onOpen();
      return Promise.reject(new Error(isBack ? 'cut' : 'ECONNREFUSED'));
    },
  };
  let enqueued = 0;
  const trigger = new EventTrigger({
    engine: engine as Engine,
    key: 'stack',
    stack: 's',
    backoff: new Backoff({ baseMs: 1, maxMs: 2 }),
    names: () => new Set(),
    isBlocked: () => false,
    heard: () => undefined,
    forgetContainer: () => undefined,
    forgetImages: () => undefined,
    forgetFiles: () => undefined,
    forgetAll: () => undefined,
    onBroken: (error) => broken.push((error as Error).message),
  });
  trigger.start(() => (enqueued += 1));
  await until('it was tried seven times', () => tries.length >= 7);
  await trigger.stop();
  expect(broken).toEqual(['ECONNREFUSED', 'cut']);
  expect(enqueued).toBeGreaterThanOrEqual(7);
});
