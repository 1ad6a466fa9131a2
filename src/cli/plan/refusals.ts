/** What the engine would refuse, found out by looking: a name or a port that somebody else has. */
import { hostPortState } from '../../probes/host/port-state.js';
import { ForeignClaim } from '../../reconcilers/docker/engine-errors.js';
import type { Engine } from '../../reconcilers/docker/engine.js';
import { LABEL } from '../../reconcilers/plan/container-template.js';
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
  if (step.kind === 'removeContainer') await refusePorts(engine, stack, step.needs ?? []);
  if (step.kind === 'startContainer') await refusePorts(engine, stack, portsOf(world, step.target));
}

async function refuseName(engine: Engine, stack: string, name: string): Promise<void> {
  if (name.includes(UNKNOWN)) return;
  const holder = await engine.inspectContainer(name);
  if (holder === undefined || holder.config.labels[LABEL.stack] === stack) return;
  const message = `a container named ${name} exists (image ${holder.config.image}) and is not this stack's; rename or remove it`;
  throw new ForeignClaim('container', name, message);
}

/** Fixed ports of the host that this container publishes. */
function portsOf({ containers }: World, name: string): readonly number[] {
  const container = containers.find((known) => known.name === name);
  return (container?.config.publish ?? []).map(({ host }) => host).filter((port) => port > 0);
}

async function refusePorts(engine: Engine, stack: string, ports: readonly number[]): Promise<void> {
  if (ports.length === 0) return;
  const published = await engine.listPublished();
  for (const port of ports) {
    const holders = published.filter((held) => held.port === port);
    const other = holders.find((held) => held.stack !== stack);
    if (other !== undefined) throw taken(port, `container ${other.container}, which is not this stack's`);
    if (holders.length === 0 && (await hostPortState(port, '0.0.0.0')) === 'taken')
      throw taken(port, 'a process on the host');
  }
}

function taken(port: number, by: string): ForeignClaim {
  const message = `port ${String(port)} is in use by ${by}; stop it or change the port`;
  return new ForeignClaim('port', String(port), message);
}
