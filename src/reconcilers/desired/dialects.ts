/** Rewrites the dialects of published manifests to ours, each with one warning that names the right key. */
import { rewriteEnv } from './dialect-env.js';
import { KEY_DIALECTS, moveKey, type KeyDialect } from './dialect-keys.js';
import { rewritePolicy } from './dialect-policy.js';
import { rewriteTop } from './dialect-top.js';
import { parseDuration } from './duration.js';
import { serviceNodes } from './manifest-services.js';
import { mapAt, scalarAt, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

/** Keys that may stay where they are but should not be there, and what to do instead. */
export const DEPRECATED_KEYS = [
  {
    path: 'opa.policies_dir',
    advice:
      'counts only where there is neither --policies DIR, which says it better, nor policies/ beside the manifest',
  },
  { path: 'opa.container_name', advice: "is ignored: the policy engine is not on the stack's network" },
  {
    path: 'audit',
    advice:
      'is ignored: history is in history.jsonl beside the manifest, and audit --output FILE names the report',
  },
] as const;

/** Edits the tree in place, before the schema judges it. */
export function rewriteDialects(tree: MapNode, problems: ProblemLog): void {
  const services = serviceNodes(tree).map(({ node }) => node);
  rewriteTop(tree, services, problems);
  for (const dialect of KEY_DIALECTS) {
    for (const from of sectionsOf(tree, services, dialect)) {
      const to = dialect.atTop === true ? tree : from;
      moveKey(
        { from, key: dialect.key, to, name: dialect.to, asItem: dialect.asItem, wins: dialect.wins },
        problems,
      );
    }
  }
  for (const service of services) rewriteEnv(service, problems);
  rewritePolicy(tree, problems);
  adviseOnKeys(tree, problems);
  adviseOnValues(tree, problems);
}

function sectionsOf(
  tree: MapNode,
  services: readonly MapNode[],
  { section }: KeyDialect,
): readonly MapNode[] {
  if (section === 'service') return services;
  const found = mapAt(tree, section);
  return found === undefined ? [] : [found];
}

function adviseOnKeys(tree: MapNode, problems: ProblemLog): void {
  for (const { path, advice } of DEPRECATED_KEYS) {
    const [key = '', inner] = path.split('.');
    const entry = inner === undefined ? tree.entries.get(key) : mapAt(tree, key)?.entries.get(inner);
    if (entry !== undefined) problems.warning(entry.key, advice);
  }
}

function adviseOnValues(tree: MapNode, problems: ProblemLog): void {
  const timeout = scalarAt(mapAt(tree, 'nginx'), 'proxy_timeout');
  const milliseconds = typeof timeout?.value === 'string' ? parseDuration(timeout.value) : undefined;
  if (timeout !== undefined && milliseconds !== undefined) {
    problems.warning(timeout, `is a number of seconds: write ${milliseconds / 1000}`);
  }
  const image = scalarAt(mapAt(tree, 'opa'), 'image');
  if (image !== undefined && /:v?0\.\d/.test(image.text)) {
    problems.warning(
      image,
      'is older than OPA 1.0, which the shipped policies are written for: write openpolicyagent/opa:latest-static',
    );
  }
}
