/** Whether a port that the stack publishes can be had: free, or held by the very part of this stack that should hold it. */
import { portOwner } from '../../probes/host/port-owner.js';
import { hostPortState } from '../../probes/host/port-state.js';
import type { Engine, PortHolder } from '../../reconcilers/docker/engine.js';
import { fail, ok, warn, type Finding } from './finding.js';

export interface PortWish {
  readonly port: number;
  /** What it is published on: '0.0.0.0' for every address. */
  readonly address: string;
  readonly role: 'proxy' | 'policy';
  /** Where the manifest says it. */
  readonly key: string;
  readonly stack: string | undefined;
}

const PARTS = { proxy: 'proxy', policy: 'policy engine' } as const;

export interface PortPlace {
  readonly engine: Pick<Engine, 'listPublished'>;
  /** Its ports are this machine's. */
  readonly isLocal: boolean;
}

export async function lookAtPort({ engine, isLocal }: PortPlace, wish: PortWish): Promise<Finding> {
  const { port, address } = wish;
  const published = await engine.listPublished();
  const holder = published.find((held) => held.port === port && clash(held.hostAddress, address));
  if (holder !== undefined) return heldBy(holder, wish, published);
  if (!isLocal)
    return ok(
      `no container has port ${String(port)}; processes on the engine's machine cannot be seen from here`,
    );
  switch (await hostPortState(port, address)) {
    case 'free':
      return ok(`port ${String(port)} is free`);
    case 'unknown':
      return ok(`no container has port ${String(port)}; this user may not try it for processes`);
    case 'taken':
      return takenByProcess(wish, published);
  }
}

const EVERYWHERE = ['', '0.0.0.0', '::'];

function clash(held: string, wanted: string): boolean {
  return held === wanted || EVERYWHERE.includes(held) || EVERYWHERE.includes(wanted);
}

async function heldBy(
  holder: PortHolder,
  wish: PortWish,
  published: readonly PortHolder[],
): Promise<Finding> {
  const { container, image, stack, role } = holder;
  const port = `port ${String(wish.port)}`;
  const isOurs = stack !== undefined && stack === wish.stack;
  if (isOurs && role === wish.role) return ok(`${port} is held by this stack's own ${PARTS[wish.role]}`);
  if (isOurs) return warn(`${port} is held by ${container} of this stack, until that moves`);
  const whose = stack === undefined ? `image ${image}` : `of stack ${stack}`;
  return fail(
    `${port} is held by container ${container} (${whose})`,
    `stop it (docker stop ${container}), or ${await otherPort(wish, published)}`,
  );
}

async function takenByProcess(wish: PortWish, published: readonly PortHolder[]): Promise<Finding> {
  const owner = await portOwner(wish.port);
  const other = await otherPort(wish, published);
  const port = `port ${String(wish.port)}`;
  if (owner === undefined)
    return fail(
      `${port} is held by a process of another user`,
      `find it (sudo ss -ltnp 'sport = :${String(wish.port)}') and stop it, or ${other}`,
    );
  const pid = String(owner.pid);
  return fail(`${port} is held by process ${pid} (${owner.command})`, `stop it (kill ${pid}), or ${other}`);
}

const NEIGHBOURS = 20;

/** Names one of the next ports that is free. */
async function otherPort({ port, key }: PortWish, published: readonly PortHolder[]): Promise<string> {
  for (let other = port + 1; other <= Math.min(port + NEIGHBOURS, 65_535); other += 1) {
    const isHeld = published.some((held) => held.port === other);
    if (!isHeld && (await hostPortState(other, '0.0.0.0')) === 'free')
      return `write another ${key} in the manifest (${String(other)} is free)`;
  }
  return `write another ${key} in the manifest`;
}
