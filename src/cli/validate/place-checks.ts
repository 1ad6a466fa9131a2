/** Volumes and networks of a stack: what its containers are given has to be there, and to be ours or nobody's. */
import { stat } from 'node:fs/promises';
import type { Engine } from '../../reconcilers/docker/engine.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { policyNetworkName, volumeNames } from '../../reconcilers/plan/names.js';
import type { OpenEngine } from '../checks/engine-access.js';
import { fail, joined, ok, type Finding } from '../checks/finding.js';

export async function lookAtVolumes(
  { engine, isLocal }: Pick<OpenEngine, 'engine' | 'isLocal'>,
  stack: StackSpec,
): Promise<Finding> {
  const binds = await Promise.all(bindsOf(stack).map((bind) => lookAtBind(bind, isLocal)));
  const items = [...binds, ...(await lookAtNamed(engine, stack))];
  if (items.length === 0) return ok('no service has any');
  const failed = items.filter(({ result }) => result === 'fail').length;
  const found =
    failed === 0
      ? items.map((item) => item.found).join(', ')
      : `${String(failed)} of ${String(items.length)} would not do`;
  return joined(found, items);
}

interface Bind {
  readonly service: string;
  readonly source: string;
}

function bindsOf({ services }: StackSpec): Bind[] {
  return services.flatMap(({ name, container }) =>
    container.mounts.flatMap(({ type, source }) => (type === 'bind' ? [{ service: name, source }] : [])),
  );
}

async function lookAtBind({ service, source }: Bind, isLocal: boolean): Promise<Finding> {
  if (!isLocal) return ok(`${source} (on the engine's machine, which cannot be seen from here)`);
  const isThere = await stat(source).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
  if (isThere) return ok(`${source} is there`);
  return fail(
    `${service} mounts ${source}, which does not exist: the engine would make an empty directory that only root may write`,
    `make it (mkdir -p '${source}', then chown it to the service's user), or correct the path`,
  );
}

async function lookAtNamed(engine: Engine, stack: StackSpec): Promise<Finding[]> {
  const names = volumeNames(stack);
  const known = await engine.listVolumes(stack.name, names);
  return names.map((name) => {
    const volume = known.find((other) => other.name === name);
    if (volume === undefined) return ok(`${name} will be made`);
    return ok(
      volume.mine ? `${name} is there` : `${name} is there, made by somebody else, and used as it is`,
    );
  });
}

export async function lookAtNetworks(engine: Engine, stack: StackSpec): Promise<Finding> {
  const wanted = [stack.network, { name: policyNetworkName(stack.name), driver: 'bridge' }];
  const names = wanted.map(({ name }) => name);
  const known = await engine.listNetworks(stack.name, names);
  const items = wanted.map(({ name, driver }) => {
    const network = known.find((other) => other.name === name);
    if (network === undefined) return ok(`${name} will be made`);
    if (!network.mine) return foreign(name);
    return network.driver === driver ? ok(`${name} is there`) : otherDriver(name, network.driver, driver);
  });
  return joined(items.map((item) => item.found).join(', '), items);
}

function foreign(name: string): Finding {
  return fail(
    `a network named ${name} exists and is not this stack's`,
    `remove it (docker network rm ${name}), or name another in the manifest`,
  );
}

function otherDriver(name: string, has: string, wanted: string): Finding {
  return fail(
    `network ${name} is of driver ${has}, the manifest says ${wanted}`,
    'tear the stack down first: a network cannot change its driver',
  );
}
