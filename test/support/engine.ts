/** The real engine, for tests: looks at and disturbs what carries one stack's label, never anything else. */
import Docker from 'dockerode';
import { packFiles, unpackFile } from '../../src/reconcilers/docker/archive.js';
import { collect, plainOutput } from '../../src/reconcilers/docker/output.js';

export const docker = new Docker();

export type Info = Docker.ContainerInspectInfo;

/** Marks what a test puts beside a stack; it goes with the stack. */
export const TEST_LABEL = 'swd-e2e';

/** Throw-away policy checks come and go by themselves and are nobody's replica. */
export async function containersOf(stack: string): Promise<readonly Info[]> {
  const filters = { label: [`swiftdeploy.stack=${stack}`] };
  const list = await docker.listContainers({ all: true, filters });
  const kept = list.filter(({ Labels }) => Labels['swiftdeploy.role'] !== 'check');
  const found = await Promise.all(kept.map(({ Id }) => inspect(Id)));
  return found.filter((info) => info !== undefined).sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

export async function inspect(idOrName: string): Promise<Info | undefined> {
  try {
    return await docker.getContainer(idOrName).inspect();
  } catch (error) {
    return ignoreMissing(error);
  }
}

export function nameOf(info: Info): string {
  return info.Name.slice(1);
}

export function labelOf(info: Info, label: string): string | undefined {
  return info.Config.Labels[`swiftdeploy.${label}`];
}

export function addressOn(info: Info, network: string): string {
  return info.NetworkSettings.Networks[network]?.IPAddress ?? '';
}

/** Runs a program in a container; its exit code and what it said. */
export async function execIn(id: string, argv: readonly string[]): Promise<{ code: number; output: string }> {
  const exec = await docker
    .getContainer(id)
    .exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true, User: '0' });
  const raw = await collect(await exec.start({ hijack: true, stdin: false }));
  return { code: (await exec.inspect()).ExitCode ?? -1, output: plainOutput(raw) };
}

export async function writeIn(id: string, path: string, content: string): Promise<void> {
  const archive = packFiles([{ path, content, mode: 0o644, uid: 10_001 }]);
  await docker.getContainer(id).putArchive(archive, { path: '/' });
}

export async function readIn(id: string, path: string): Promise<string> {
  const bytes = await unpackFile(await docker.getContainer(id).getArchive({ path }));
  return bytes?.toString('utf8') ?? '';
}

/** The process id, on the host, of a container's first process. */
export async function pidOf(id: string): Promise<number> {
  return (await docker.getContainer(id).inspect()).State.Pid;
}

/** Removes everything that carries the stack's label or was put beside it by a test. */
export async function removeAllOf(stack: string): Promise<void> {
  const labels = [`swiftdeploy.stack=${stack}`, `${TEST_LABEL}=${stack}`];
  for (const label of labels) {
    const containers = await docker.listContainers({ all: true, filters: { label: [label] } });
    await Promise.all(containers.map(({ Id }) => remove(Id)));
  }
  for (const label of labels) {
    const filters = { label: [label] };
    const networks = await docker.listNetworks({ filters });
    await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove().catch(ignoreMissing)));
    const { Volumes } = await docker.listVolumes({ filters });
    await Promise.all(
      (Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove().catch(ignoreMissing)),
    );
  }
}

/** Also when somebody else removes it at the same moment. */
export async function remove(id: string): Promise<void> {
  await docker.getContainer(id).remove({ force: true, v: true }).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 0;
  if (status === 404 || status === 409) return undefined;
  throw error;
}
