/**
 * Which build of its image a version is made of: the one that it serves with, wherever its tag points by now. A version was allowed
 * with that build, and its replicas are to be alike. Pure.
 */
import type { ObservedContainer, ObservedImage } from '../observed/world.js';
import type { Goal } from './goals.js';
import type { Finding, PlanInput } from './plan-input.js';

export interface Build {
  readonly image: ObservedImage;
  /** What the image's name in the manifest stands for by now. */
  readonly name: 'this' | 'another' | 'nothing';
  /** The id of the one that the version serves with, or did last, and that is not on the engine any more. */
  readonly lost?: string;
}

/** What the goal's replicas are to be made of; absent while the engine has nothing for it. */
export function buildOf(input: PlanInput, goal: Goal): Build | undefined {
  const { images } = input.world;
  const named = images.get(goal.spec.container.image);
  const tagged = named?.untagged === true ? undefined : named;
  const known = goal.spec.pull === 'always' && tagged !== undefined ? [] : knownBuilds(input, goal);
  const kept = known.map((id) => images.get(id)).find((image) => image !== undefined);
  const image = kept ?? named;
  if (image === undefined) return undefined;
  const name = tagged === undefined ? 'nothing' : tagged.id === image.id ? 'this' : 'another';
  const [served] = known;
  return { image, name, ...(served === undefined || served === image.id ? {} : { lost: served }) };
}

/** What is noted first; without notes, what stands tells. */
function knownBuilds({ memory, world }: PlanInput, { spec, specHash }: Goal): readonly string[] {
  const noted = memory.services[spec.name]?.builds?.[specHash];
  const standing = world.containers
    .filter((one) => one.role === 'service' && one.service === spec.name && one.specHash === specHash)
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return [...(noted === undefined ? [] : [noted]), ...standing.map(({ config }) => config.imageId)];
}

/** What runs is believed before what does not, and the first that was made before those that came later. */
function rank({ state, createdAt, id }: ObservedContainer): string {
  return `${state === 'running' ? '0' : '1'}${String(createdAt).padStart(16, '0')}${id}`;
}

/** Why what is made is no longer made of what the version served with; absent while it is. */
export function lostWords({ spec }: Goal, { image: { id }, lost }: Build): string | undefined {
  const { image, version } = spec.container;
  if (lost === undefined) return undefined;
  return `${lost}, which ${spec.name} ${version} served with, is not on the engine any more; what is made anew is of ${image} as it is now, ${id}`;
}

/** What nobody but a person puts right. `standing`: of the goal's containers. */
export function buildFinding(
  goal: Goal,
  build: Build,
  standing: readonly ObservedContainer[],
): Finding | undefined {
  const message = lostWords(goal, build) ?? nameWords(goal, build, standing);
  return message === undefined ? undefined : { kind: 'image-moved', target: goal.spec.name, message };
}

/** Of an image whose name stands for something else by now, or for nothing. */
function nameWords(
  { spec }: Goal,
  { image: { id }, name }: Build,
  standing: readonly ObservedContainer[],
): string | undefined {
  const { image } = spec.container;
  if (name === 'nothing')
    return `${image} is not on the engine any more; ${spec.name} keeps the image that it was made of, ${id}: build or pull ${image} again`;
  const isMixed = standing.some(({ config }) => config.imageId !== id);
  if (spec.pull === 'always' || (name === 'this' && !isMixed)) return undefined;
  return `${image} is another image now; ${spec.name} keeps the one it was made of (pull: always would replace it)`;
}
