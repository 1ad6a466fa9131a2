/** Keys that public manifests use for things which have another name here: a table, and how a key moves to its right place. */
import { joinPath, type ManifestNode, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export interface KeyDialect {
  /** Where the key stands: every service, or a section at the top of the manifest. */
  readonly section: 'service' | 'nginx' | 'opa';
  readonly key: string;
  readonly to: string;
  /** The right key stands at the top of the manifest instead of in the same section. */
  readonly atTop?: true;
  /** The right key is a list, of which this is one item. */
  readonly asItem?: true;
  /** Says more exactly what the right key means, so it wins where both are given. */
  readonly wins?: true;
}

export const KEY_DIALECTS: readonly KeyDialect[] = [
  { section: 'service', key: 'app_version', to: 'version' },
  { section: 'service', key: 'restart', to: 'restart_policy' },
  { section: 'service', key: 'healthcheck', to: 'health' },
  { section: 'service', key: 'environment', to: 'env' },
  { section: 'service', key: 'hostname', to: 'aliases', asItem: true },
  { section: 'service', key: 'container_name', to: 'aliases', asItem: true },
  { section: 'nginx', key: 'container_name', to: 'aliases', asItem: true },
  { section: 'nginx', key: 'contact', to: 'contact', atTop: true },
  { section: 'nginx', key: 'error_contact', to: 'contact', atTop: true },
  { section: 'opa', key: 'host_port', to: 'port', wins: true },
  { section: 'opa', key: 'decision_timeout_seconds', to: 'timeout' },
];

export interface KeyMove {
  readonly from: MapNode;
  readonly key: string;
  readonly to: MapNode;
  readonly name: string;
  readonly asItem?: true | undefined;
  readonly wins?: true | undefined;
}

/** Moves one key to where it belongs, and says so; what stands there already stays, unless the move wins. */
export function moveKey(move: KeyMove, problems: ProblemLog): void {
  const entry = move.from.entries.get(move.key);
  if (entry === undefined) return;
  move.from.entries.delete(move.key);
  const target = joinPath(move.to.path, move.name);
  const present = move.to.entries.get(move.name);
  if (present !== undefined && move.asItem !== true && move.wins !== true) {
    problems.warning(entry.key, `is ignored, because ${present.key.path} is given too: write only ${target}`);
    return;
  }
  const node = move.asItem === true ? asListWith(entry.node, present?.node) : entry.node;
  move.to.entries.set(move.name, { key: entry.key, node });
  const shape = move.asItem === true ? ', a list' : '';
  problems.warning(entry.key, `is another dialect's key: write ${target}${shape}`);
}

/** An item that is no text is left alone, so that the error speaks of what was written. */
function asListWith(item: ManifestNode, present: ManifestNode | undefined): ManifestNode {
  const before = present?.kind === 'list' ? present.items : [];
  return { kind: 'list', offset: item.offset, path: item.path, items: [...before, item] };
}
