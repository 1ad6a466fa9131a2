/** What is known of the proxy depends on who looks: a controller that runs has seen it serve for long. Pure. */
import type { World } from '../../reconcilers/observed/world.js';

/** The world as whoever takes the steps will see it: the controller that runs, or a command that starts to look now. */
export function asSeenBy(
  world: World,
  { controller, now }: { readonly controller: boolean; readonly now: number },
): World {
  if (world.proxy.servedSince === undefined) return world;
  return { ...world, proxy: { ...world.proxy, servedSince: controller ? 0 : now } };
}
