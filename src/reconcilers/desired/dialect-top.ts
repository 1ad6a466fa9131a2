/** Sections at the top of a manifest that belong to a service here: `logs`, `volumes: {logs}` and `healthcheck`. */
import { mapAt, type MapNode } from './manifest-tree.js';
import { moveKey } from './dialect-keys.js';
import type { ProblemLog } from './problem-log.js';

interface TopDialect {
  readonly section: string;
  readonly key: string;
  readonly to: string;
}

export const LOG_DIALECTS: readonly TopDialect[] = [
  { section: 'logs', key: 'volume_name', to: 'log_volume' },
  { section: 'volumes', key: 'logs', to: 'log_volume' },
];

/** Moves the sections into the service; with several services nobody can tell into which. */
export function rewriteTop(tree: MapNode, services: readonly MapNode[], problems: ProblemLog): void {
  for (const dialect of LOG_DIALECTS) {
    const section = mapAt(tree, dialect.section);
    if (section?.entries.has(dialect.key) !== true) continue;
    tree.entries.delete(dialect.section);
    unwrapName(section, dialect.key);
    moveIntoService({ from: section, key: dialect.key, to: dialect.to }, services, problems);
    for (const rest of section.entries.values()) problems.error(rest.key, 'is not a known key');
  }
  moveIntoService({ from: tree, key: 'healthcheck', to: 'health' }, services, problems);
}

function moveIntoService(
  move: { from: MapNode; key: string; to: string },
  services: readonly MapNode[],
  problems: ProblemLog,
): void {
  const entry = move.from.entries.get(move.key);
  const [only] = services;
  if (entry === undefined || only === undefined) return;
  if (services.length === 1) {
    moveKey({ from: move.from, key: move.key, to: only, name: move.to }, problems);
    return;
  }
  move.from.entries.delete(move.key);
  problems.error(entry.key, `does not say which service: write ${move.to} under each service that wants it`);
}

/** `logs: {name: swiftdeploy-logs}`, as Compose declares a volume, means the same as `logs: swiftdeploy-logs`. */
function unwrapName(section: MapNode, key: string): void {
  const entry = section.entries.get(key);
  const name = mapAt(section, key)?.entries.get('name');
  if (entry !== undefined && name !== undefined)
    section.entries.set(key, { key: entry.key, node: name.node });
}
