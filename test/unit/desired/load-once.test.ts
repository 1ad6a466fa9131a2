import { expect, test } from 'vitest';
import { loadOnce } from '../../../src/reconcilers/desired/load-once.js';

const bytes = (text: string) => Buffer.from(text);
const GOOD =
  'services: {name: app, image: app:1, port: 3000, mode: stable}\nnginx: {image: nginx, port: 80}\n';

test('the same bytes are taken apart once', () => {
  const load = loadOnce();
  expect(load(bytes(GOOD), 'manifest.yaml')).toBe(load(bytes(GOOD), 'manifest.yaml'));
});

test('other bytes, or a file of another name, are another manifest', () => {
  const load = loadOnce();
  const before = load(bytes(GOOD), 'manifest.yaml');
  expect(load(bytes('services: ['), 'manifest.yaml')).toMatchObject({ ok: false });
  expect(load(bytes(GOOD), 'manifest.yaml')).toEqual(before);
  expect(load(bytes('services: ['), 'other.yaml')).toMatchObject({ problems: [{ file: 'other.yaml' }] });
});
