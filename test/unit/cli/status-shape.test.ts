/** A status that people, or another version, wrote: the readers' fields are there, or it is none. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStatus } from '../../../src/cli/status/status-document.js';
import { isStatus } from '../../../src/cli/status/status-shape.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { EMPTY_STATUS } from '../../support/empty-status.js';

const REPLICAS = { desired: 1, ready: 1 };
const TRACK = { track: 'stable', version: '1', specHash: 'a', weight: 100, replicas: REPLICAS };
const SERVICE = { name: 'app', mode: 'stable', tracks: [TRACK] };
const POLICY = { domain: 'canary', question: 'promote', allow: true, reasons: [] };
const CONDITION = {
  type: 'Ready',
  status: 'True',
  reason: 'Settled',
  message: 'It is.',
  observedGeneration: 1,
  lastTransitionTime: '2026-05-05T20:55:22.113Z',
};
const STATUS = { ...EMPTY_STATUS, conditions: [CONDITION], services: [SERVICE], policies: [POLICY] };

test('what is needed and no more is a status', () => {
  expect(isStatus(STATUS)).toBe(true);
});

test('what a newer version adds anywhere is no reason to refuse it', () => {
  const track = { ...TRACK, replicas: { ...REPLICAS, x: 1 }, x: [null] };
  const services = [{ ...SERVICE, mode: 'shadow', tracks: [track], x: null }];
  const conditions = [{ ...CONDITION, type: 'Newer', x: 1 }];
  expect(isStatus({ ...STATUS, services, conditions, x: {} })).toBe(true);
});

describe('it is none', () => {
  test.each<[string, object]>([
    ['of another kind', { kind: 'RolloutStatus' }],
    ['without a stack', { stack: undefined }],
    ['of a number as manifest', { manifest: { path: 5 } }],
    ['with a service that is null', { services: [null] }],
    ['with a service without tracks', { services: [{ name: 'app', mode: 'stable' }] }],
    ['with a track that is null', { services: [{ ...SERVICE, tracks: [null] }] }],
    ['with a track without replicas', { services: [{ ...SERVICE, tracks: [{ ...TRACK, replicas: [] }] }] }],
    ['with a rollout of nothing', { services: [{ ...SERVICE, rollout: {} }] }],
    ['with failures that are no list', { services: [{ ...SERVICE, failed: {} }] }],
    ['with policies without reasons', { policies: [{ ...POLICY, reasons: undefined }] }],
    ['with a reason that is a string', { policies: [{ ...POLICY, reasons: ['no'] }] }],
    ['with a condition that is null', { conditions: [null] }],
    ['of a controller of nothing', { controller: null }],
  ])('%s', (_title, fields) => {
    expect(isStatus({ ...STATUS, ...fields })).toBe(false);
  });

  test.each([null, [], 5, 'text'])('%j', (value) => expect(isStatus(value)).toBe(false));
});

describe('a figure that no stack can have is named, and the file is not believed', () => {
  const FAILED = { track: 'canary', message: 'it was', at: '2026-05-05T20:55:22.113Z' };
  const ROLLOUT = { step: 1, steps: 2, weight: 10, paused: false };
  test.each<[string, object, string]>([
    [
      'a share below nothing',
      { tracks: [{ ...TRACK, weight: -50 }] },
      'the weight of app stable is -50, and can only be a share from 0 to 100',
    ],
    ['a share of more than all', { tracks: [{ ...TRACK, weight: 101 }] }, 'the weight of app stable is 101,'],
    [
      'half a replica',
      { tracks: [{ ...TRACK, replicas: { desired: 1, ready: 0.5 } }] },
      'the ready replicas of app stable is 0.5, and can only be a whole number from 0',
    ],
    [
      'fewer than no replicas',
      { tracks: [{ ...TRACK, replicas: { desired: -1, ready: 0 } }] },
      'the wanted replicas of app stable is -1,',
    ],
    ['fewer than no restarts', { tracks: [{ ...TRACK, restarts: -3 }] }, 'the restarts of app stable is -3,'],
    [
      'a failure with too much',
      { failed: [{ ...FAILED, weight: 1000 }] },
      'the weight of app canary is 1000,',
    ],
    [
      'a rollout with too much',
      { rollout: { ...ROLLOUT, weight: 1e300 } },
      "the weight of app's rollout is 1e+300,",
    ],
    ['a step before the first', { rollout: { ...ROLLOUT, step: -1 } }, "the step of app's rollout is -1,"],
  ])('%s', async (_title, fields, words) => {
    const path = join(await temporaryDirectory(), 'status.json');
    await writeFile(path, JSON.stringify({ ...STATUS, services: [{ ...SERVICE, ...fields }] }));
    const read = await readStatus(path);
    expect(read).toMatchObject({ kind: 'unusable', why: expect.stringContaining(`is damaged: ${words}`) });
  });

  test('figures as they are', async () => {
    const path = join(await temporaryDirectory(), 'status.json');
    const services = [{ ...SERVICE, rollout: ROLLOUT, failed: [FAILED] }];
    await writeFile(path, JSON.stringify({ ...STATUS, services }));
    expect((await readStatus(path)).kind).toBe('status');
  });
});

test("the published schema's own fields are those that are relied on", async () => {
  const schema = JSON.parse(await readFile('schema/status.schema.json', 'utf8')) as { required: string[] };
  const { required } = schema;
  expect(Object.keys(STATUS).filter((key) => !required.includes(key))).toEqual([]);
});
