/** Suspends of several services by one word are told as one. Pure. */
import type { Suspend } from '../plan/suspension.js';

export interface SuspendGroup extends Omit<Suspend, 'service'> {
  /** Sorted; absent: the whole stack. */
  readonly services?: readonly string[];
}

/** In the order of their first. */
export function grouped(suspends: readonly Suspend[]): readonly SuspendGroup[] {
  const groups = new Map<string, SuspendGroup>();
  for (const { service, ...word } of suspends) {
    const key = JSON.stringify([service === undefined, word.by, word.who, word.why, word.since, word.until]);
    const services = service === undefined ? undefined : [...(groups.get(key)?.services ?? []), service];
    groups.set(key, { ...word, ...(services === undefined ? {} : { services: services.sort() }) });
  }
  return [...groups.values()];
}
