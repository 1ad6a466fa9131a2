/** The steps of a canary: each a share or a pause, and the shares rise. */
import type { ServiceNode } from './manifest-services.js';
import { itemsAt, mapAt, scalarAt, type ManifestNode, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

export function checkCanary(_tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  for (const { node } of services) {
    const canary = mapAt(node, 'canary');
    if (canary === undefined) continue;
    if (services.length > 1 && !node.entries.has('route'))
      problems.error(canary, 'needs a route: nginx shares its requests out');
    checkSteps(itemsAt(canary, 'steps'), problems);
  }
}

function checkSteps(steps: readonly ManifestNode[], problems: ProblemLog): void {
  let before = -1;
  for (const step of steps) {
    if (step.kind !== 'map') continue;
    const isShare = checkStep(step, problems);
    const weight = scalarAt(step, 'weight');
    if (!isShare || typeof weight?.value !== 'number') continue;
    if (weight.value <= before)
      problems.error(weight, `must be > ${String(before)}, the step before it (got ${weight.text})`);
    before = Math.max(before, weight.value);
  }
}

/** True for a share. */
function checkStep(step: MapNode, problems: ProblemLog): boolean {
  const [weight, hold, pause] = ['weight', 'hold', 'pause'].map((key) => step.entries.get(key));
  if (weight === undefined && pause === undefined) problems.error(step, 'must have a weight, or pause: true');
  if (weight !== undefined && pause !== undefined)
    problems.error(pause.key, 'stands beside a weight: make the pause a step of its own');
  if (weight === undefined && hold !== undefined)
    problems.error(hold.key, 'belongs to a weight; a pause ends when it says `pause: false`');
  return weight !== undefined;
}
