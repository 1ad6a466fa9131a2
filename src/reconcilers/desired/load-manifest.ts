/**
 * A manifest's bytes to the stack that it describes, or to everything that is wrong with it.
 * Pure: it opens no file, and it never throws, whatever the bytes are.
 */
import { buildTree } from './build-tree.js';
import { crossCheck } from './cross-checks.js';
import { decodeText } from './decode-text.js';
import { rewriteDialects } from './dialects.js';
import type { ManifestProblem } from './manifest-problem.js';
import { validateManifest } from './manifest-schema.js';
import { serviceNodes } from './manifest-services.js';
import { toPlain, type MapNode } from './manifest-tree.js';
import { normaliseStack } from './normalise-stack.js';
import { parseYaml } from './parse-yaml.js';
import { ProblemLog } from './problem-log.js';
import { reportSchemaErrors } from './schema-problems.js';
import type { StackSpec } from './stack-spec.js';

export type ManifestResult =
  | { readonly ok: true; readonly stack: StackSpec; readonly warnings: readonly ManifestProblem[] }
  /** Every error at once, and the warnings too, in the order of the text. */
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Reads a manifest; `file` is only what messages call it. */
export function loadManifest(bytes: Uint8Array, file: string): ManifestResult {
  const problems = new ProblemLog(file);
  const tree = readTree(bytes, problems);
  const stack = tree && readStack(tree, problems);
  if (stack === undefined || problems.hasErrors) return { ok: false, problems: problems.all() };
  return { ok: true, stack, warnings: problems.all() };
}

/** The tree of the text, undefined after saying why there is none. */
export function readTree(bytes: Uint8Array, problems: ProblemLog): MapNode | undefined {
  const text = decodeText(bytes, problems);
  if (text === undefined) return undefined;
  const root = parseYaml(text, problems);
  return root && buildTree(root, problems);
}

function readStack(tree: MapNode, problems: ProblemLog): StackSpec | undefined {
  rewriteDialects(tree, problems);
  const result = validateManifest(toPlain(tree));
  if (!result.valid) reportSchemaErrors(tree, result.errors, problems);
  crossCheck(tree, serviceNodes(tree), problems);
  return result.valid ? normaliseStack(result.manifest) : undefined;
}
