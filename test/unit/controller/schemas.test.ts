import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setConditions } from '../../../src/controller/conditions.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { validatorOf } from '../../support/published-schemas.js';
import { allEvents } from './history-files.js';
import { temporaryDirectory } from './temporary-directory.js';

const NOW = '2026-05-05T20:55:22.113Z';

function status() {
  const ready = { type: 'Ready', status: 'True', reason: 'Settled', message: 'All is well.' } as const;
  const track = {
    track: 'stable',
    version: '1.0.0',
    specHash: 'ab12',
    weight: 100,
    replicas: { desired: 1, ready: 1 },
  };
  const failed = { specHash: 'cd34', track: 'canary', reason: 'Unhealthy', message: 'exit code 1', at: NOW };
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'StackStatus',
    stack: 'swiftdeploy-net',
    generation: 3,
    observedGeneration: 3,
    url: 'http://127.0.0.1:8080',
    manifest: { path: '/srv/manifest.yaml', sha256: 'a'.repeat(64) },
    conditions: setConditions([], [ready], { generation: 3, now: NOW }),
    services: [{ name: 'app', mode: 'stable', tracks: [track], failed: [failed] }],
    policies: [{ domain: 'infrastructure', question: 'deploy', allow: true, reasons: [], checkedAt: NOW }],
    controller: { pid: 7, version: '0.1.0', startedAt: NOW },
  };
}

describe('status.schema.json', () => {
  test('takes a status', async () => {
    const validate = validatorOf('status');
    validate(status());
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['no conditions', { conditions: undefined }],
    ['a condition of no known type', { conditions: [{ ...status().conditions[0], type: 'Happy' }] }],
    ['a weight above 100 %', { services: [{ ...status().services[0], tracks: [{ weight: 101 }] }] }],
    ['another kind', { kind: 'Pod' }],
  ])('refuses %s', async (_what, change) => {
    const validate = validatorOf('status');
    expect(validate({ ...status(), ...change })).toBe(false);
  });
});

describe('history.schema.json', () => {
  test('takes every event of a log, repairs included', async () => {
    const validate = validatorOf('history');
    const path = join(await temporaryDirectory(), 'history.jsonl');
    await writeFile(path, 'torn');
    const log = await HistoryLog.open(path);
    onTestFinished(() => log.close());
    await log.append({ event: 'promote', service: 'app', target_mode: 'canary', generation: 3 });
    await rm(path);
    await log.append({ event: 'deploy' });
    for (const event of await allEvents(path)) {
      validate(event);
      expect(validate.errors).toBeNull();
    }
  });

  test.each([
    ['no event', { event: undefined }],
    ['an event of no known name', { event: 'party' }],
    ['a number below 1', { seq: 0 }],
    ['a digest that is none', { prev: 'sha256:abc' }],
    ['a repair without its reason', { event: 'history_repaired' }],
  ])('refuses %s', async (_what, change) => {
    const validate = validatorOf('history');
    const event = { seq: 1, timestamp: NOW, event: 'deploy', prev: `sha256:${'0'.repeat(64)}` };
    expect(validate(event)).toBe(true);
    expect(validate({ ...event, ...change })).toBe(false);
  });
});
