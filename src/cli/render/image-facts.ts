/** Looks at the services' images where an engine answers: the user that an image names stays, and only the image knows it. */
import { connectEngine } from '../../reconcilers/docker/connect.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { ObservedImage } from '../../reconcilers/observed/world.js';
import { unlessAborted } from '../basics/signals.js';

const ENGINE_TIMEOUT_MS = 3000;

export interface ImageFacts {
  /** By reference. */
  readonly known: ReadonlyMap<string, ObservedImage>;
  /** References whose user nobody could look up. */
  readonly unknown: readonly string[];
}

/** Asks nobody when the manifest names every user; an engine that cannot answer is no failure. */
export async function imageFacts({ services }: StackSpec): Promise<ImageFacts> {
  const asked = services.filter(({ container }) => container.security.user === undefined);
  const references = [...new Set(asked.map(({ container }) => container.image))].sort();
  const known = references.length === 0 ? new Map<string, ObservedImage>() : await lookUp(references);
  return { known, unknown: references.filter((reference) => !known.has(reference)) };
}

async function lookUp(references: readonly string[]): Promise<ReadonlyMap<string, ObservedImage>> {
  try {
    const engine = connectEngine(process.env);
    const looks = Promise.all(references.map((reference) => engine.inspectImage(reference)));
    const facts = (await unlessAborted(looks, AbortSignal.timeout(ENGINE_TIMEOUT_MS))) ?? [];
    const found = references.map((reference, index) => [reference, facts[index]] as const);
    return new Map(found.flatMap(([reference, image]) => (image === undefined ? [] : [[reference, image]])));
  } catch {
    return new Map();
  }
}
