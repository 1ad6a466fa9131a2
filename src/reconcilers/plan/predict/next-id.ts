/** Ids for containers that are only imagined: never an engine's (those are hexadecimal), never used twice. Pure. */
import type { World } from '../../observed/world.js';
import { addressesOf } from '../proxy-model.js';

const IMAGINED = /^new(\d{9})$/;

/** As long as a short id, which is what the proxy calls a container. */
export function nextId({ containers, proxy }: World): string {
  const named = proxy.model === undefined ? [] : [...addressesOf(proxy.model)];
  const ids = [...containers.map(({ id }) => id), ...named, ...proxy.knownToWorkers];
  const numbers = ids.map((id) => Number(IMAGINED.exec(id)?.[1] ?? 0));
  return `new${String(Math.max(0, ...numbers) + 1).padStart(9, '0')}`;
}
