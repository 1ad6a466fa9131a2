import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  CONDITION_TYPES,
  setConditions,
  type Condition,
  type ConditionInput,
} from '../../../src/controller/conditions.js';

const EARLIER = '2026-01-01T00:00:00.000Z';
const NOW = '2026-01-02T00:00:00.000Z';
const ready: ConditionInput = { type: 'Ready', status: 'True', reason: 'Settled', message: 'All is well.' };
const before: Condition = { ...ready, observedGeneration: 1, lastTransitionTime: EARLIER };

describe('conditions', () => {
  test('the same status keeps its transition time, though reason and message change', () => {
    const next: ConditionInput = { ...ready, reason: 'Healed', message: 'Well again.' };
    expect(setConditions([before], [next], { generation: 2, now: NOW })).toEqual([
      { ...next, observedGeneration: 2, lastTransitionTime: EARLIER },
    ]);
  });

  test('another status is a transition now', () => {
    const [condition] = setConditions([before], [{ ...ready, status: 'False' }], { generation: 1, now: NOW });
    expect(condition?.lastTransitionTime).toBe(NOW);
  });

  test('what is not said any more vanishes, and comes back as new', () => {
    expect(setConditions([before], [], { generation: 1, now: NOW })).toEqual([]);
    expect(setConditions([], [ready], { generation: 1, now: NOW })[0]?.lastTransitionTime).toBe(NOW);
  });

  test('the order is that of the types, whatever the order said; of doubles the last counts', () => {
    const inSync: ConditionInput = { ...ready, type: 'InSync' };
    const conditions = setConditions([], [inSync, ready, { ...inSync, status: 'False' }], {
      generation: 1,
      now: NOW,
    });
    expect(conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'True'],
      ['InSync', 'False'],
    ]);
  });

  test('the schema knows the same types', async () => {
    const schema = JSON.parse(await readFile('schema/status.schema.json', 'utf8')) as {
      $defs: { condition: { properties: { type: { enum: string[] } } } };
    };
    expect(schema.$defs.condition.properties.type.enum).toEqual(Object.keys(CONDITION_TYPES));
  });
});
