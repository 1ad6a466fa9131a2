/** A status that people, or another version, wrote: the readers' fields are there, or it is none. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { isStatus } from '../../../src/cli/status/status-shape.js';
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

test("the published schema's own fields are those that are relied on", async () => {
  const schema = JSON.parse(await readFile('schema/status.schema.json', 'utf8')) as { required: string[] };
  const { required } = schema;
  expect(Object.keys(STATUS).filter((key) => !required.includes(key))).toEqual([]);
});
