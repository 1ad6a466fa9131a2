/** A promotion ends by its own service, whatever becomes of others. */
import { describe, expect, test } from 'vitest';
import { ownEnd, type OwnFacts } from '../../../src/cli/promote/own-end.js';
import { endLines } from '../../../src/cli/telling/end-words.js';
import { plain } from '../../../src/cli/basics/talk.js';
import { attemptHash, specHash } from '../../../src/reconcilers/desired/spec-hash.js';
import type { ServiceMemory } from '../../../src/reconcilers/plan/memory.js';
import { stack, version } from '../../support/model/stacks.js';

const CANARY = version('2', { mode: 'canary' });
const STABLE = version('2');
const OLD = version('1');
const OTHER = version('9', { name: 'web' });

const STALLED = {
  type: 'Stalled',
  status: 'True',
  reason: 'RolloutFailed',
  message: 'web 9 did not get healthy',
  observedGeneration: 1,
  lastTransitionTime: '2026-05-05T20:00:00.000Z',
} as const;
const FAILED = { code: 1, conditions: [STALLED], url: 'http://x' };

interface Scene {
  readonly wish?: typeof STABLE;
  readonly memory: ServiceMemory;
  readonly others?: readonly (typeof OTHER)[];
  readonly denied?: string;
  readonly ready?: number;
}

function facts({ wish = CANARY, memory, others = [OTHER], denied, ready = 1 }: Scene): OwnFacts {
  const track = {
    track: wish.mode,
    version: '2',
    specHash: specHash(wish.container),
    weight: 100,
    replicas: { desired: 1, ready },
  };
  return {
    service: 'app',
    state: {
      stack: stack([wish, ...others]),
      memory: { services: { app: memory }, applied: [] },
      denials: denied === undefined ? {} : { [denied]: { rules: '', sentence: 'no' } },
    },
    status: { services: [{ name: 'app', mode: wish.mode, tracks: [track] }] },
  };
}

const SERVED = { stable: OLD, canary: CANARY };

describe('another service is in trouble', () => {
  test.each([1, 2])(
    'exit code %i: the canary that serves is how it ends, and the trouble is a line',
    (code) => {
      const end = ownEnd({ ...FAILED, code }, facts({ memory: SERVED, denied: 'web/deploy' }));
      expect(end.code).toBe(0);
      expect(endLines(end, { paint: plain, hasTold: () => false })).toEqual([
        '✔ app 2 serves as canary',
        '! the rest of the stack is not ready: web 9 did not get healthy',
      ]);
    },
  );

  test('the same when the time was up', () => {
    expect(ownEnd({ ...FAILED, timeoutMs: 60_000 }, facts({ memory: SERVED }))).toMatchObject({
      code: 0,
      own: 'app 2 serves as canary',
    });
  });

  test('a promoted version that is all there is', () => {
    expect(ownEnd(FAILED, facts({ wish: STABLE, memory: { stable: STABLE } }))).toMatchObject({
      code: 0,
      own: 'app 2 serves as stable',
    });
  });
});

describe('the trouble is its own', () => {
  const failed = {
    service: 'app',
    track: 'canary',
    specHash: specHash(CANARY.container),
    attempt: attemptHash(CANARY),
    version: '2',
    reason: 'Exited',
    message: 'it ended',
    at: '2026-05-05T20:00:00.000Z',
  } as const;

  test.each<[string, Scene]>([
    ['it does not serve yet', { memory: { stable: OLD } }],
    ['it failed', { memory: { stable: OLD, failed } }],
    ['it is denied', { memory: SERVED, denied: 'app/promote' }],
    ['it is down', { memory: SERVED, ready: 0 }],
    ['the canary has not left', { wish: STABLE, memory: { stable: STABLE, canary: CANARY } }],
    ['it is the only service', { memory: SERVED, others: [] }],
  ])('%s', (_why, scene) => expect(ownEnd(FAILED, facts(scene))).toBe(FAILED));

  const rejected = { ...failed, reason: 'CanaryRejected' };
  const REJECTED = { memory: { stable: OLD, failed: rejected } };

  test.each<[string, Scene]>([
    ['a canary', REJECTED],
    ['one that was to be promoted', { ...REJECTED, wish: STABLE }],
    ['of the only service', { ...REJECTED, others: [] }],
  ])('%s that the judge has taken back is denied, with its own sentence', (_what, scene) => {
    const end = ownEnd(FAILED, facts(scene));
    expect(end).toEqual({ ...FAILED, code: 2, isRejected: true });
    expect(endLines(end, { paint: plain, hasTold: () => true })).toEqual(['✘ web 9 did not get healthy']);
  });

  test('after a time-out nothing is said to be denied', () => {
    const late = { ...FAILED, timeoutMs: 60_000 };
    expect(ownEnd(late, facts(REJECTED))).toBe(late);
  });

  test.each([0, 3, 130])('exit code %i stays', (code) => {
    expect(ownEnd({ ...FAILED, code }, facts({ memory: SERVED })).code).toBe(code);
  });
});
