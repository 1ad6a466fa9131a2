/** What somebody may do to a stack by hand: each leaves the world as nobody applied it. */
import { expect } from 'vitest';
import { docker, nameOf, pidOf, readIn, remove, writeIn, type Info } from './engine.js';
import type { Stack } from './stack.js';

/** The same container made again, with one thing different. */
export async function recreate(
  info: Info,
  change: { env?: string[]; labels?: Record<string, string> },
): Promise<void> {
  await remove(info.Id);
  await copy(info, nameOf(info), change);
}

/** A second container with all that the first one has, but its name. */
export async function duplicate(stack: Stack): Promise<void> {
  await copy(await stack.replica(), `${stack.name}-copy`);
}

async function copy(
  info: Info,
  name: string,
  change: { env?: string[]; labels?: Record<string, string> } = {},
): Promise<void> {
  const [network = ''] = Object.keys(info.NetworkSettings.Networks);
  const container = await docker.createContainer({
    name,
    Image: info.Config.Image,
    User: info.Config.User,
    Env: change.env ?? info.Config.Env,
    Labels: { ...info.Config.Labels, ...change.labels },
    HostConfig: info.HostConfig,
    NetworkingConfig: { EndpointsConfig: { [network]: {} } },
  });
  await container.start();
}

/** `network`: by default the one of its services. */
export async function disconnect({ name }: Stack, { Id }: Info, network = name): Promise<void> {
  await docker.getNetwork(network).disconnect({ Container: Id, Force: true });
}

/** With everybody of the stack taken off it first. */
export async function removeNetwork(stack: Stack, network = stack.name): Promise<void> {
  for (const info of await stack.containers())
    if (network in info.NetworkSettings.Networks) await disconnect(stack, info, network);
  await docker.getNetwork(network).remove();
}

/** It runs, and does nothing. */
export async function hang({ Id }: Info): Promise<void> {
  process.kill(await pidOf(Id), 'SIGSTOP');
}

/** Volumes stay. */
export async function removeEverything(stack: Stack): Promise<void> {
  for (const { Id } of await stack.containers()) await remove(Id);
  for (const name of [stack.name, `${stack.name}-policy`]) await docker.getNetwork(name).remove();
}

/** Inside the proxy's container, and served. */
export async function editProxy(stack: Stack): Promise<void> {
  const { Id } = await stack.part('proxy');
  const own = await readIn(Id, '/etc/nginx/nginx.conf');
  const edited = own.replace('X-Deployed-By swiftdeploy', 'X-Deployed-By somebody');
  expect(edited).not.toBe(own);
  await writeIn(Id, '/etc/nginx/nginx.conf', edited);
  await docker.getContainer(Id).kill({ signal: 'SIGHUP' });
}
