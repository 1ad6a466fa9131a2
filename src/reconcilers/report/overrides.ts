/** What persons have overridden: kept and shown as long as the generation of the manifest lasts. Pure. */
import type { StepResult } from '../apply/apply.js';
import { overrideKey, type Overridden } from '../policy/override.js';

/** In the order of their first step. */
export function trackOverrides(
  before: readonly Overridden[],
  results: readonly StepResult[],
  generation: number,
): readonly Overridden[] {
  const seen = [...before, ...results.flatMap(({ decision }) => decision?.overridden ?? [])];
  const keys = seen.map(overrideKey);
  return seen.filter(
    (overridden, index) =>
      overridden.generation === generation && keys.indexOf(overrideKey(overridden)) === index,
  );
}
