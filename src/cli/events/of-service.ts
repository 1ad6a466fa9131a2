/** Which events are about one service. Pure. */
import type { LooseEvent } from '../telling/loose-event.js';

export interface OneService {
  readonly name: string;
  /** Absent where nothing was deployed yet. */
  readonly stack: string | undefined;
}

/** By what the event says, else by the container that it names: `<stack>-<service>-<track>-<hash>-<number>`. */
export function isOfService({ service, target }: LooseEvent, { name, stack }: OneService): boolean {
  if (typeof service === 'string') return service === name;
  if (typeof target !== 'string') return false;
  if (target === name) return true;
  const place = PLACE.exec(target)?.[1];
  return stack === undefined ? place?.endsWith(`-${name}`) === true : place === `${stack}-${name}`;
}

const PLACE = /^(.+)-(?:stable|canary)-[0-9a-f]{8}-\d+(?:-old-[0-9a-f]+)?$/;
