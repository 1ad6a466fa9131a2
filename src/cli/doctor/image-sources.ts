/** Where the stack's images came from, and whether the registries that they would come from can be reached. */
import type { WantedImage } from '../../reconcilers/desired/manifest-outline.js';
import type { Engine, ImageOrigin } from '../../reconcilers/docker/engine.js';
import { LOCAL_BUILD_LABEL, MADE_OF_LABEL } from '../../reconcilers/docker/image-labels.js';
import { DOCKER_HUB, registryOf } from '../../reconcilers/docker/registry-auth.js';
import { orAfter } from '../basics/or-after.js';
import { joined, ok, warn, type Finding } from '../checks/finding.js';

const REGISTRY_TIMEOUT_MS = 10_000;

export async function lookAtSources(engine: Engine, wanted: readonly WantedImage[]): Promise<Finding> {
  const references = [...new Set(wanted.map(({ reference }) => reference))];
  const items = await Promise.all(
    references.map(async (reference) => sourceFinding(reference, await engine.imageOrigin(reference))),
  );
  return joined(items.map(({ found }) => found).join('; '), items);
}

function sourceFinding(reference: string, origin: ImageOrigin | undefined): Finding {
  if (origin === undefined)
    return warn(`${reference} is not on the engine`, '"swiftdeploy validate" says whether it can be pulled');
  return ok(`${reference}: ${originWords(origin)}`);
}

export function originWords({ labels, fromRegistry }: ImageOrigin): string {
  const madeOf = labels[MADE_OF_LABEL];
  if (labels[LOCAL_BUILD_LABEL] !== undefined)
    return madeOf === undefined ? 'built here' : `built here of ${madeOf}`;
  return fromRegistry ? 'from its registry' : 'built or loaded here';
}

/** A registry that says no to an image can be reached: each is asked for one. */
export async function lookAtRegistries(
  engine: Engine,
  wanted: readonly WantedImage[],
  signal: AbortSignal,
): Promise<Finding> {
  const patience = orAfter(signal, REGISTRY_TIMEOUT_MS);
  const byRegistry = new Map(wanted.map(({ reference }) => [registryOf(reference), reference]));
  const items = await Promise.all(
    [...byRegistry].map(async ([registry, reference]): Promise<Finding> => {
      const name = registry === DOCKER_HUB ? 'Docker Hub' : registry;
      const answer = await engine.askRegistry(reference, patience);
      if (answer.kind !== 'unreachable') return ok(`${name} answers`);
      return warn(
        `${name} cannot be asked: ${answer.why}`,
        "what is on the engine is enough to run; for anything new see the engine's network, proxy and mirror settings",
      );
    }),
  );
  const silent = items.filter(({ result }) => result === 'warn').length;
  return joined(silent === 0 ? items.map(({ found }) => found).join(', ') : 'not all can be asked', items);
}
