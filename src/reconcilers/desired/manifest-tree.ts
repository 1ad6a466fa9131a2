/** A manifest as a tree in which every value knows where it was written; what dialects rewrite and errors point into. */
import type { Place } from './problem-log.js';

export interface ScalarNode extends Place {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, so that 1.10 stays 1.10. */
  readonly text: string;
}

export interface ListNode extends Place {
  readonly kind: 'list';
  readonly items: readonly ManifestNode[];
}

export interface MapEntry {
  readonly key: Place;
  readonly node: ManifestNode;
}

export interface MapNode extends Place {
  readonly kind: 'map';
  /** Edited by the dialects only, before anything is judged. */
  readonly entries: Map<string, MapEntry>;
}

export type ManifestNode = ScalarNode | ListNode | MapNode;

/** The mapping under `key`, if there is one. */
export function mapAt(parent: MapNode | undefined, key: string): MapNode | undefined {
  const node = parent?.entries.get(key)?.node;
  return node?.kind === 'map' ? node : undefined;
}

/** The value under `key`, if it is text or a number. */
export function scalarAt(parent: MapNode | undefined, key: string): ScalarNode | undefined {
  const node = parent?.entries.get(key)?.node;
  return node?.kind === 'scalar' ? node : undefined;
}

/** The items under `key`, none if it is no list. */
export function itemsAt(parent: MapNode | undefined, key: string): readonly ManifestNode[] {
  const node = parent?.entries.get(key)?.node;
  return node?.kind === 'list' ? node.items : [];
}

/** `parent.key`, quoted where the key would be read as more than one. */
export function joinPath(parent: string, key: string): string {
  const name = /^[\w<>@/-]{1,64}$/.test(key) ? key : JSON.stringify(key.slice(0, 64));
  return parent === '' ? name : `${parent}.${name}`;
}

/** Plain data, without places. Objects have no prototype: `__proto__` is a key like any other. */
export function toPlain(node: ManifestNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of node.entries) plain[key] = toPlain(entry.node);
  return plain;
}
