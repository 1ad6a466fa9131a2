/** The pages that scripts/docs.ts writes are as it writes them, prettier and all: `npm run docs`. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderManifestDocs, renderPolicyDocs } from '../../scripts/docs.js';

test('docs/manifest.md is what scripts/docs.ts writes: npm run docs', async () => {
  expect(page('manifest')).toBe(await renderManifestDocs());
});

test('docs/policies.md has the tables that scripts/docs.ts writes: npm run docs', async () => {
  expect(page('policies')).toBe(await renderPolicyDocs());
});

function page(name: string): string {
  return readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
}
