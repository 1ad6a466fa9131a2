/** Where the services stand in a manifest tree, in both shapes of `services`. */
import { looksLikeOneService } from './manifest-schema.js';
import { mapAt, scalarAt, toPlain, type MapNode } from './manifest-tree.js';
import type { Place } from './problem-log.js';

export interface ServiceNode {
  readonly name: string;
  /** Where the name is written, or the service where it has none. */
  readonly namePlace: Place;
  readonly node: MapNode;
}

/** The name of the only service of a manifest that does not name it. */
export const DEFAULT_SERVICE_NAME = 'app';

/** Every service that is a mapping, in the order of the text. */
export function serviceNodes(tree: MapNode): ServiceNode[] {
  const services = mapAt(tree, 'services');
  if (services === undefined) return [];
  if (looksLikeOneService(toPlain(services))) {
    return [named(services, { name: DEFAULT_SERVICE_NAME, namePlace: services })];
  }
  return [...services.entries].flatMap(([name, { key, node }]) =>
    node.kind === 'map' ? [named(node, { name, namePlace: key })] : [],
  );
}

function named(node: MapNode, fallback: Omit<ServiceNode, 'node'>): ServiceNode {
  const own = scalarAt(node, 'name');
  return typeof own?.value === 'string' ? { name: own.value, namePlace: own, node } : { ...fallback, node };
}
