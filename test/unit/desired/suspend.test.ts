import { expect, test } from 'vitest';
import { loadManifest } from '../../../src/reconcilers/desired/load-manifest.js';

function suspendOf(services: string, top = '') {
  const text = `${top}services:\n${services}\nnginx: { image: "nginx:1", port: 8080 }\nnetwork: { name: shop }\n`;
  const result = loadManifest(Buffer.from(text), 'manifest.yaml');
  return result.ok ? result.stack.suspend : result.problems.map(({ path }) => path);
}

const ONE = '  image: "app:1"\n  port: 3000';
const TWO = '  web: { image: "web:1", port: 80, suspend: true }\n  api: { image: "api:1", suspend: true }';

test('nothing is suspended where nothing says so', () => {
  expect(suspendOf(ONE)).toBeUndefined();
  expect(suspendOf(`${ONE}\n  suspend: false`, 'suspend: false\n')).toBeUndefined();
});

test('the whole stack, whatever its services say', () => {
  expect(suspendOf(TWO, 'suspend: true\n')).toBe('stack');
});

test('services by their names, sorted', () => {
  expect(suspendOf(TWO)).toEqual(['api', 'web']);
  expect(suspendOf(`${ONE}\n  suspend: true`)).toEqual(['app']);
  expect(suspendOf(`${ONE}\n  name: shop\n  suspend: true`)).toEqual(['shop']);
});

test('a word that is neither true nor false is refused', () => {
  expect(suspendOf(ONE, 'suspend: 2h\n')).toEqual(['suspend']);
});
