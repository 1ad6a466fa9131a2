/**
 * Facts about the images that the stack needs, looked up once until an event says otherwise. A reference that lost its tag
 * still has its image while a container is made of it.
 */
import type { Engine } from '../docker/engine.js';
import type { StackSpec } from '../desired/stack-spec.js';
import { goalsOf } from '../plan/goals.js';
import type { StackMemory } from '../plan/memory.js';
import { isForgotten } from '../plan/recall.js';
import type { ObservedContainer, ObservedImage } from './world.js';

export class ImageShelf {
  private readonly known = new Map<string, ObservedImage>();

  constructor(private readonly engine: Engine) {}

  forget(): void {
    this.known.clear();
  }

  /** By reference; a reference is missing when the engine has neither its tag nor a container made of it. */
  async needed(
    stack: StackSpec,
    memory: StackMemory,
    containers: readonly ObservedContainer[],
  ): Promise<ReadonlyMap<string, ObservedImage>> {
    const wanted = references(stack, memory, containers);
    const facts = await Promise.all(wanted.map((reference) => this.lookUp(reference, containers)));
    const found = wanted.map((reference, index) => [reference, facts[index]] as const);
    return new Map(found.flatMap(([reference, image]) => (image === undefined ? [] : [[reference, image]])));
  }

  private async lookUp(
    reference: string,
    containers: readonly ObservedContainer[],
  ): Promise<ObservedImage | undefined> {
    const known = this.known.get(reference) ?? (await this.engine.inspectImage(reference));
    if (known !== undefined) {
      this.known.set(reference, known);
      return known;
    }
    const user = containers.find(({ config }) => config.image === reference);
    const image = user === undefined ? undefined : await this.engine.inspectImage(user.config.imageId);
    return image === undefined ? undefined : { ...image, untagged: true };
  }
}

/** Also of replicas of which nothing is remembered: what they are made of is told by them and their image. */
function references(
  stack: StackSpec,
  memory: StackMemory,
  containers: readonly ObservedContainer[],
): readonly string[] {
  const services = stack.services.flatMap((spec) =>
    goalsOf(spec, memory.services[spec.name] ?? {}).map(({ spec: goal }) => goal.container.image),
  );
  const parts = [stack.proxy.image, stack.policyEngine.image];
  const before = [memory.proxy?.image, memory.policyEngine?.image, memory.policyEngine?.imageId];
  const forgotten = containers.filter(
    ({ service }) => service !== undefined && isForgotten(memory.services[service]),
  );
  const made = forgotten.map(({ config }) => config.image);
  const builds = stack.services.flatMap(({ name }) => Object.values(memory.services[name]?.builds ?? {}));
  const standing = containers.filter(({ role }) => role === 'service').map(({ config }) => config.imageId);
  const known = before.filter((image) => image !== undefined);
  return [...new Set([...parts, ...known, ...services, ...made, ...builds, ...standing])];
}
