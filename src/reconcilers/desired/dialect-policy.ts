/** Thresholds under `policies`, `policy_limits` or flat under `policy`: brought to `policy: {domain: {threshold: value}}`. */
import { joinPath, type ManifestNode, type MapEntry, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

const OTHER_NAMES = ['policies', 'policy_limits'];

/** The domain that a threshold without one belongs to; the first that matches. */
const DOMAINS: readonly (readonly [RegExp, string])[] = [
  [/disk|cpu|mem|load/, 'infrastructure'],
  [/error|latency|p9\d|window|request/, 'canary'],
];

/** Rewrites in place. A threshold whose domain cannot be told is left for the schema to refuse. */
export function rewritePolicy(tree: MapNode, problems: ProblemLog): void {
  for (const name of OTHER_NAMES) renameToPolicy(tree, name, problems);
  const policy = tree.entries.get('policy');
  if (policy?.node.kind !== 'map') return;
  const flat = [...policy.node.entries].filter(([, { node }]) => node.kind === 'scalar');
  for (const [threshold, entry] of flat) nest(policy.node, threshold, entry);
  const isOurs = policy.key.path === 'policy';
  if (flat.length > 0 && isOurs) {
    problems.warning(policy.key, 'has thresholds without a domain: write policy.<domain>.<threshold>');
  }
}

/** Two blocks are refused: dropping either could drop the stricter threshold. */
function renameToPolicy(tree: MapNode, name: string, problems: ProblemLog): void {
  const entry = tree.entries.get(name);
  if (entry === undefined) return;
  tree.entries.delete(name);
  const present = tree.entries.get('policy');
  if (present !== undefined) {
    problems.error(entry.key, `is given besides ${present.key.path}: write all thresholds under policy`);
    return;
  }
  tree.entries.set('policy', entry);
  problems.warning(entry.key, "is another dialect's key: write policy.<domain>.<threshold>");
}

function nest(policy: MapNode, threshold: string, entry: MapEntry): void {
  const domain = DOMAINS.find(([pattern]) => pattern.test(threshold))?.[1];
  if (domain === undefined) return;
  const place = { offset: entry.key.offset, path: joinPath(policy.path, domain) };
  const present: ManifestNode | undefined = policy.entries.get(domain)?.node;
  const home =
    present?.kind === 'map'
      ? present
      : { ...place, kind: 'map' as const, entries: new Map<string, MapEntry>() };
  home.entries.set(threshold, entry);
  policy.entries.delete(threshold);
  policy.entries.set(domain, { key: place, node: home });
}
