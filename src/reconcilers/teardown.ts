/**
 * Takes a stack away: finds what carries its labels on the engine and removes that, and nothing else. What others hold on to is
 * left and reported. Doing it again after a crash goes on where it stopped.
 */
import type { Engine } from './docker/engine.js';
import { EngineUnreachable, reasonOf, statusOf } from './docker/engine-errors.js';
import type { Role } from './observed/world.js';

/** Everything on the engine that is this stack's. */
export interface StackInventory {
  readonly containers: readonly { readonly id: string; readonly name: string; readonly role: Role }[];
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  readonly volumes: readonly string[];
}

export type Removal =
  | { readonly kind: 'removed'; readonly what: 'container' | 'network' | 'volume'; readonly name: string }
  /** Why it is still there, in words. */
  | {
      readonly kind: 'left';
      readonly what: 'network' | 'volume';
      readonly name: string;
      readonly why: string;
    };

export interface RemovalOptions {
  readonly volumes: boolean;
  /** Told as it happens. */
  readonly onRemoval: (removal: Removal) => void;
  /** What is being removed is removed, and nothing after it. */
  readonly signal: AbortSignal;
}

/** Users' requests in flight may end; then the engine kills. */
const GRACE_MS = 10_000;
const FORBIDDEN = 403;
const CONFLICT = 409;

/** One look; changes nothing. */
export async function findStack(engine: Engine, stack: string): Promise<StackInventory> {
  const [list, networks, volumes] = await Promise.all([
    engine.listContainers(stack),
    engine.listNetworks(stack, []),
    engine.listVolumes(stack, []),
  ]);
  const found = await Promise.all(list.map(({ id }) => engine.inspectContainer(id)));
  const containers = found
    .filter((container) => container !== undefined)
    .map(({ id, name, role }) => ({ id, name, role }));
  return {
    containers: containers.sort((a, b) => (a.name < b.name ? -1 : 1)),
    networks: networks.filter(({ mine }) => mine).map(({ id, name }) => ({ id, name })),
    volumes: volumes.filter(({ mine }) => mine).map(({ name }) => name),
  };
}

/** The proxy first, so that nobody is answered by half a stack; networks when they are empty; volumes only when asked for. */
export async function removeStack(
  engine: Engine,
  inventory: StackInventory,
  options: RemovalOptions,
): Promise<void> {
  const isProxy = ({ role }: { readonly role: Role }) => role === 'proxy';
  const { containers, networks } = inventory;
  const volumes = options.volumes ? inventory.volumes : [];
  const others = containers.filter((container) => !isProxy(container));
  const steps = [
    () => removeContainers(engine, containers.filter(isProxy), options),
    () => removeContainers(engine, others, options),
    ...networks.map(
      ({ id, name }) =>
        () =>
          removeOrLeave({ what: 'network', name }, () => engine.removeNetwork(id), options),
    ),
    ...volumes.map(
      (name) => () => removeOrLeave({ what: 'volume', name }, () => engine.removeVolume(name), options),
    ),
  ];
  for (const step of steps) if (!options.signal.aborted) await step();
}

async function removeContainers(
  engine: Engine,
  containers: StackInventory['containers'],
  { onRemoval }: RemovalOptions,
): Promise<void> {
  const removals = containers.map(async ({ id, name }) => {
    await engine.stopContainer(id, GRACE_MS);
    await engine.removeContainer(id);
    onRemoval({ kind: 'removed', what: 'container', name });
  });
  const failed = (await Promise.allSettled(removals)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

type Part = Pick<Extract<Removal, { kind: 'left' }>, 'what' | 'name'>;

/** The engine refuses to remove what is still in use, then by nobody that is ours. */
async function removeOrLeave(
  part: Part,
  remove: () => Promise<void>,
  { onRemoval }: RemovalOptions,
): Promise<void> {
  try {
    await remove();
    onRemoval({ kind: 'removed', ...part });
  } catch (error) {
    if (error instanceof EngineUnreachable) throw error;
    const status = statusOf(error);
    if (status !== FORBIDDEN && status !== CONFLICT) throw error;
    onRemoval({ kind: 'left', ...part, why: `the engine says that it is in use: ${reasonOf(error)}` });
  }
}
