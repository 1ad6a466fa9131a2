/** Brings `env` to one shape, a mapping of text, and takes out the variables that SwiftDeploy sets itself. */
import type { ManifestNode, MapEntry, MapNode, ScalarNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

/** Variables that every container gets, and the key that decides each. */
export const OWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['MODE', 'mode'],
  ['APP_PORT', 'port'],
  ['APP_VERSION', 'version'],
]);

const NOTHING =
  'has no value and is set to the empty text, where Compose would take it from the shell: write its value, or ""';

/** Rewrites a service's `env` in place; what it cannot read is left for the schema to refuse. */
export function rewriteEnv(service: MapNode, problems: ProblemLog): void {
  const entry = service.entries.get('env');
  if (entry === undefined) return;
  const env = entry.node.kind === 'list' ? listToMap(entry.node, problems) : entry.node;
  if (env.kind !== 'map') return;
  for (const [name, key] of OWN_VARIABLES) dropOwn({ env, name, owner: `${service.path}.${key}` }, problems);
  for (const [name, variable] of env.entries) {
    if (isNothing(variable.node)) problems.warning(variable.node, NOTHING);
    env.entries.set(name, { ...variable, node: asText(variable.node) });
  }
  service.entries.set('env', { ...entry, node: env });
}

function dropOwn(own: { env: MapNode; name: string; owner: string }, problems: ProblemLog): void {
  const entry = own.env.entries.get(own.name);
  if (entry === undefined || !own.env.entries.delete(own.name)) return;
  problems.warning(entry.key, `is ignored: SwiftDeploy sets it, write ${own.owner}`);
}

/** Compose's list form. The list itself, where one item is not `NAME=value`. */
function listToMap(list: ManifestNode & { kind: 'list' }, problems: ProblemLog): ManifestNode {
  const entries = new Map<string, MapEntry>();
  for (const item of list.items) {
    const cut = item.kind === 'scalar' && typeof item.value === 'string' ? item.value.indexOf('=') : -1;
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || cut < 1) return list;
    const name = item.value.slice(0, cut);
    const value = item.value.slice(cut + 1);
    const first = entries.get(name);
    if (first !== undefined) problems.error(item, twiceWords(name, first, problems));
    entries.set(name, { key: item, node: { ...item, value, text: value } });
  }
  return { kind: 'map', offset: list.offset, path: list.path, entries };
}

/** As of a key that is there twice; what it is set to is nobody's business. */
function twiceWords(name: string, first: MapEntry, { lines }: ProblemLog): string {
  return `gives ${name} twice, first on line ${String(lines.linePos(first.key.offset).line)}`;
}

function isNothing(node: ManifestNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** Numbers stay as they were written: 1.10 does not become 1.1. Nothing is the empty text, as an empty variable. */
function asText(node: ManifestNode): ManifestNode {
  if (node.kind !== 'scalar' || typeof node.value === 'string') return node;
  return { ...node, value: node.value === null ? '' : node.text } satisfies ScalarNode;
}
