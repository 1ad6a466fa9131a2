/** What the manifest itself suspends. Pure. */
import type { StackSpec } from '../desired/stack-spec.js';
import type { Suspend } from '../plan/suspension.js';

/** `known`: what was found before, which says since when; `now`: epoch milliseconds. */
export function byManifest(
  stack: Pick<StackSpec, 'suspend'> | undefined,
  known: readonly Suspend[],
  now: number,
): readonly Suspend[] {
  const wanted = stack?.suspend === undefined ? [] : stack.suspend === 'stack' ? [undefined] : stack.suspend;
  return wanted.map((service) => {
    const before = known.find((suspend) => suspend.by === 'manifest' && suspend.service === service);
    return (
      before ?? {
        by: 'manifest',
        ...(service === undefined ? {} : { service }),
        since: new Date(now).toISOString(),
      }
    );
  });
}
