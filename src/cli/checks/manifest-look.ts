/** The manifest as checks see it: read once, whole or as far as it can be understood. */
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { loadWithOutline, type ManifestOutline } from '../../reconcilers/desired/manifest-outline.js';
import type { ManifestProblem } from '../../reconcilers/desired/manifest-problem.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { renameRefusal } from '../../reconcilers/manifest-keeper.js';

export interface ManifestLook {
  readonly path: string;
  /** There is a file that can be read. */
  readonly isThere: boolean;
  /** Nothing of that name is there at all. */
  readonly isMissing?: boolean;
  /** Absent while the manifest would be refused. */
  readonly stack?: StackSpec;
  /** Absent when not even that can be told. */
  readonly outline?: ManifestOutline;
  /** Errors and warnings, in the order of the text. */
  readonly problems: readonly ManifestProblem[];
}

/** `runsAs`: the name under which the stack runs, which it cannot change meanwhile. */
export async function lookAtManifest(path: string, runsAs?: string): Promise<ManifestLook> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'content') return manifestLook(path, source.bytes, runsAs);
  const problems = [problemOf(path, source.message)];
  return { path, isThere: false, isMissing: source.isMissing, problems };
}

export function manifestLook(path: string, bytes: Uint8Array, runsAs?: string): ManifestLook {
  const { result, outline } = loadWithOutline(bytes, path);
  const known = { path, isThere: true, ...(outline === undefined ? {} : { outline }) };
  if (!result.ok) return { ...known, problems: result.problems };
  const refusal = renameRefusal(result.stack.name, runsAs);
  if (refusal === undefined) return { ...known, stack: result.stack, problems: result.warnings };
  return { ...known, problems: [problemOf(path, refusal), ...result.warnings] };
}

function problemOf(file: string, message: string): ManifestProblem {
  return { severity: 'error', file, path: '', message };
}
