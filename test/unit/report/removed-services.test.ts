/** A change of the manifest says which services it has no more: no other event tells of that. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAtManifest } from '../../../src/reconcilers/manifest-keeper.js';
import { validatorOf } from '../../support/published-schemas.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';
import { REST } from '../desired/manifest-text.js';

const TWO = `services: { app: { image: app, port: 3000 }, db: { image: db, port: 5432 } }\n${REST}`;
const ONE = `services: { app: { image: app, port: 3000 } }\n${REST}`;

/** The event of `after`, where `before` was the last good manifest. */
async function told(before: string, after: string) {
  const path = join(await temporaryDirectory(), 'manifest.yaml');
  await writeFile(path, before);
  const known = await lookAtManifest({ path }, { generation: 0, stackGeneration: 0 }, undefined);
  await writeFile(path, after);
  const { event } = await lookAtManifest(
    { path },
    { ...known, manifestSha256: known.state.sha256 },
    undefined,
  );
  return event;
}

test('the services that are gone', async () => {
  const event = await told(TWO, ONE);
  expect(event).toMatchObject({ event: 'manifest_changed', generation: 2, removed: ['db'] });
  const line = { seq: 1, timestamp: '2026-05-05T20:00:00.000Z', prev: `sha256:${'0'.repeat(64)}`, ...event };
  const validate = validatorOf('history');
  expect(validate(line) ? [] : validate.errors).toEqual([]);
});

test('nothing where none is gone', async () => {
  expect(await told(ONE, TWO)).not.toHaveProperty('removed');
});
