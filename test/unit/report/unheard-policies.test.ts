/** A manifest that names policies where others decide is told so: with its change, and as long as it stands. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAtManifest, withUnheard } from '../../../src/reconcilers/manifest-keeper.js';
import { REST } from '../desired/manifest-text.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const FRESH = { generation: 0, stackGeneration: 0 };
const NAMING = `services: { image: app, port: 3000 }\nopa: { image: opa, policies_dir: rules }\n${REST}`;

async function looked(text: string, decides: string, known = {}) {
  const dir = await temporaryDirectory();
  const manifest = join(dir, 'manifest.yaml');
  await writeFile(manifest, text);
  const place = { path: 'manifest.yaml', file: manifest };
  const look = await lookAtManifest(place, { ...FRESH, ...known }, undefined);
  return withUnheard(look, { manifest, policiesFor: () => join(dir, decides) });
}

test('where another folder decides', async () => {
  const { state, event } = await looked(NAMING, 'policies');
  const said = expect.stringMatching(
    /^manifest\.yaml opa\.policies_dir is not obeyed: .*\/policies decides, and a manifest does not choose its law; --policies DIR does$/,
  ) as string;
  expect(state.warnings.at(-1)).toEqual(said);
  expect(event).toMatchObject({ event: 'manifest_changed', warnings: [said] });
  const again = await looked(NAMING, 'policies', { generation: 1, manifestSha256: state.sha256 });
  expect(again.state.warnings).toHaveLength(state.warnings.length);
  expect(again.event).toBeUndefined();
});

test('not where it is obeyed, or not understood', async () => {
  const obeyed = await looked(NAMING, 'rules');
  expect(obeyed.state.warnings.join()).not.toContain('not obeyed');
  expect(obeyed.event).not.toHaveProperty('warnings');
  const refused = await looked(NAMING.replace('3000', 'x'), 'policies');
  expect(refused.state.warnings).toEqual([]);
  expect(refused.event).not.toHaveProperty('warnings');
});
