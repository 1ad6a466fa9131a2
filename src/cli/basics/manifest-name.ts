/** The name of the stack that a manifest describes, whatever the state directory remembers. */
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';

/** Undefined where there is no valid manifest. */
export async function manifestName(path: string): Promise<string | undefined> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') return undefined;
  const result = loadManifest(source.bytes, path);
  return result.ok ? result.stack.name : undefined;
}
