/** What of a stack stands on the engine now. */
import type { Engine } from '../../reconcilers/docker/engine.js';
import type { ObservedContainer } from '../../reconcilers/observed/world.js';

/** By the stack's label; what goes between the list and the look is left out. */
export async function containersOf(
  engine: Pick<Engine, 'listContainers' | 'inspectContainer'>,
  stack: string,
): Promise<readonly ObservedContainer[]> {
  const list = await engine.listContainers(stack);
  const found = await Promise.all(list.map(({ id }) => engine.inspectContainer(id)));
  return found.filter((container) => container !== undefined);
}
