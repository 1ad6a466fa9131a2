/** The stack's name, and how much of a container's name is not the stack's and the service's. */
import { mapAt, scalarAt, type MapNode } from './manifest-tree.js';

/** What a DNS label holds; the proxy finds containers by name. */
export const LONGEST_CONTAINER_NAME = 63;

/** `-` service `-stable-` hash of 8 `-1000`: all but the two names. */
export const CONTAINER_NAME_EXTRA = '--stable-00000000-1000'.length;

/** `name` at the top, else the network's; undefined where neither is text. */
export function stackNameOf(tree: MapNode): string | undefined {
  const value = (scalarAt(tree, 'name') ?? scalarAt(mapAt(tree, 'network'), 'name'))?.value;
  return typeof value === 'string' ? value : undefined;
}
