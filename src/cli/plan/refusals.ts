/** What the engine would refuse, found out by looking: a name or a port that somebody else has. */
import { ForeignClaim } from '../../reconcilers/docker/engine-errors.js';
import type { Engine } from '../../reconcilers/docker/engine.js';
import { fixedPorts, LABEL } from '../../reconcilers/plan/container-template.js';
import type { World } from '../../reconcilers/observed/world.js';
import type { Step } from '../../reconcilers/plan/steps.js';
import { UNKNOWN } from './open-plan.js';

/** Rejects with a `ForeignClaim`; looks once for each step, however often it is tried. */
export function refuser(engine: Engine, stack: string): (step: Step, world: World) => Promise<void> {
  const looks = new Map<string, Promise<void>>();
  return (step, world) => {
    const key = `${step.kind} ${step.target}`;
    const look = looks.get(key) ?? refuse(engine, stack, { step, world });
    looks.set(key, look);
    return look;
  };
}

async function refuse(
  engine: Engine,
  stack: string,
  { step, world }: { readonly step: Step; readonly world: World },
): Promise<void> {
  if (step.kind === 'createContainer') await refuseName(engine, stack, step.template.name);
  if (step.kind === 'removeContainer') await engine.requirePorts(step.needs ?? [], stack);
  if (step.kind === 'startContainer') await engine.requirePorts(portsOf(world, step.target), stack);
}

async function refuseName(engine: Engine, stack: string, name: string): Promise<void> {
  if (name.includes(UNKNOWN)) return;
  const holder = await engine.inspectContainer(name);
  if (holder === undefined || holder.config.labels[LABEL.stack] === stack) return;
  const message = `a container named ${name} exists (image ${holder.config.image}) and is not this stack's; rename or remove it`;
  throw new ForeignClaim('container', name, message);
}

function portsOf({ containers }: World, name: string): readonly number[] {
  const container = containers.find((known) => known.name === name);
  return container === undefined ? [] : fixedPorts(container.config);
}
