/** A backup of the notes is put back beside a stack that has gone on. */
import { describe, expect, test } from 'vitest';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { outdatedNotes, type Notes } from '../../../src/reconcilers/plan/outdated-notes.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const CANARY = {
  steps: [{ kind: 'share', weight: 5, holdMs: 600_000 }],
  replicas: 1,
  sticky: 'off',
  warmupMs: 0,
  deadlineMs: 600_000,
} as const;

const worldOf = (loop: ModelLoop) => loop.world.observe(loop.stack);
const one = stack([service()]);
const two = stack([version('2.0.0')]);
const canary = stack([version('2.0.0', { mode: 'canary', canary: CANARY })]);

/** `notes(n)`: as they were when the wish of that number was fulfilled. */
function settled(...wishes: readonly StackSpec[]): { loop: ModelLoop; notes: (nth: number) => Notes } {
  const loop = new ModelLoop(one);
  const kept = wishes.map((wish) => {
    loop.stack = wish;
    loop.settle();
    return { memory: loop.memory, stack: wish };
  });
  return { loop, notes: (nth) => kept[nth] ?? { memory: EMPTY_MEMORY } };
}

describe('notes', () => {
  test('of another version than serves are outdated', () => {
    const { loop, notes } = settled(one, two);
    expect(outdatedNotes(notes(0), worldOf(loop))).toEqual([
      { service: 'app', version: '2.0.0', noted: '1.0.0' },
    ]);
  });

  test('of a canary, since when it was promoted by another manifest, are outdated', () => {
    const { loop, notes } = settled(one, canary, two);
    expect(outdatedNotes(notes(1), worldOf(loop))).toMatchObject([{ version: '2.0.0' }]);
  });

  test('that are the last are none, with a canary or without', () => {
    const { loop, notes } = settled(one, canary);
    expect(outdatedNotes(notes(1), worldOf(loop))).toEqual([]);
    expect(outdatedNotes({ memory: EMPTY_MEMORY }, worldOf(loop))).toEqual([]);
  });

  test('that know the version from the manifest are none: a crash was before its report', () => {
    const { loop, notes } = settled(one, two);
    expect(outdatedNotes({ ...notes(0), stack: two }, worldOf(loop))).toEqual([]);
  });

  test.each([
    ['a new version', one, two],
    ['a canary', one, canary],
    ['a promotion', canary, two],
    ['a rollback', canary, one],
  ])('are none while %s is on its way, whatever the controller dies of', (_what, from, to) => {
    const { loop } = settled(one, from);
    loop.stack = to;
    for (let tick = 0; tick < 14; tick += 1) {
      loop.tick(tick % 2 === 0 ? undefined : 1);
      expect(outdatedNotes({ memory: loop.memory, stack: to }, worldOf(loop))).toEqual([]);
    }
  });
});

test('by outdated notes a version is taken back; forgotten, what serves stays the stable version beside a canary', () => {
  const third = stack([version('3.0.0', { mode: 'canary', canary: CANARY })]);
  const { loop, notes } = settled(one, two);
  loop.stack = third;
  const before = loop.memory;
  loop.memory = notes(0).memory;
  expect(loop.plan().services[0]?.memory.stable?.container.version).toBe('1.0.0');
  expect(before.services.app?.stable?.container.version).toBe('2.0.0');
  loop.memory = EMPTY_MEMORY;
  loop.settle();
  expect(loop.memory.services.app?.stable?.container.version).toBe('2.0.0');
});
