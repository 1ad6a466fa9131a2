/** What is remembered of a service: before this look, with what the look finds, and after what it serves. Pure. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import { baked, bakes } from './bake.js';
import { hasFailed, hashOf } from './goals.js';
import { judgedOf, withLives } from './lives.js';
import type { Rollout, ServiceMemory } from './memory.js';
import type { PlanInput } from './plan-input.js';
import { canaryShare } from './proxy-model.js';
import { withLiveRefusals } from './refused-creation.js';
import { advance, notAhead, rolloutOf, servedAt, withShare } from './rollout.js';
import { servedRoute } from './route.js';
import { withBuilds } from './served-builds.js';
import type { GoalPlan } from './service-slots.js';

/** A failure is forgotten when the manifest says something else. */
export function currentMemory(input: PlanInput, spec: ServiceSpec): ServiceMemory {
  const known = withLiveRefusals(input.memory.services[spec.name] ?? {}, spec);
  const { rollout } = known;
  const memory = rollout === undefined ? known : { ...known, rollout: noted(input, spec, rollout) };
  const { failed, ...rest } = memory;
  return failed === undefined || hasFailed(spec, memory) ? memory : rest;
}

/** As this look at the world finds it. */
function noted(input: PlanInput, { name }: ServiceSpec, rollout: Rollout): Rollout {
  const { now, world, memory } = input;
  const replicas = world.containers.filter((one) => one.role === 'service' && one.service === name);
  const route = servedRoute(input, name);
  const judged = judgedOf(replicas, rollout, memory.services[name]?.stable);
  const lived = withLives(notAhead(rollout, now), judged);
  return route === undefined ? lived : withShare(lived, canaryShare(route), now);
}

/** Absent where the manifest wants no canary, or one that failed. */
export function currentRollout(
  spec: ServiceSpec,
  [wanted]: readonly GoalPlan[],
  memory: ServiceMemory,
): Rollout | undefined {
  if (wanted?.goal.track !== 'canary' || wanted.goal.spec !== spec) return undefined;
  return bakes(spec, memory) ? memory.rollout : rolloutOf(spec, wanted.goal.specHash, memory);
}

interface Served {
  readonly spec: ServiceSpec;
  readonly goals: readonly GoalPlan[];
  readonly memory: ServiceMemory;
  readonly rollout: Rollout | undefined;
}

/** After a look that finds the wanted version serving. */
export function remembered(input: PlanInput, { spec, goals, memory, rollout }: Served): ServiceMemory {
  const [wanted] = goals;
  const stories = storiesOf(memory);
  if (wanted === undefined || wanted.goal.spec !== spec) return memory;
  if (rollout === undefined) return withBuilds({ stable: spec, ...stories }, memory, goals);
  // What is judged is the canary that is remembered.
  const isJudged = hashOf(memory.canary) === wanted.goal.specHash;
  const verdict = isJudged ? input.verdicts.get(spec.name) : undefined;
  const served = noted(input, spec, servedAt(rollout, input.now));
  const look = { now: input.now, verdict };
  const progress = bakes(spec, memory) ? baked(served, spec, look) : advance(served, spec, look);
  const stable = memory.stable === undefined ? {} : { stable: memory.stable };
  return withBuilds({ ...stable, canary: spec, rollout: progress, ...stories }, memory, goals);
}

function storiesOf({ failed, refused }: ServiceMemory): Pick<ServiceMemory, 'failed' | 'refused'> {
  return { ...(failed === undefined ? {} : { failed }), ...(refused === undefined ? {} : { refused }) };
}
