/** The `Engine` port over dockerode: one Engine API call per method, refusals turned into our words. */
import type Docker from 'dockerode';
import type { ObservedContainer, ObservedImage, ObservedNetwork, ObservedVolume } from '../observed/world.js';
import type { ContainerTemplate } from '../plan/container-template.js';
import { LABEL } from '../plan/container-template.js';
import { packFiles, unpackFile } from './archive.js';
import { createContainer } from './create-container.js';
import { resourceLimits } from './create-options.js';
import type {
  ContainerFile,
  ContainerProcess,
  ContainerSummary,
  Engine,
  EngineInfo,
  ExecResult,
  FollowOptions,
  ImageOrigin,
  LogOptions,
  OwnedPart,
  PortHolder,
  RegistryAnswer,
} from './engine.js';
import { already, asEngineError, orAbsent, statusOf } from './engine-errors.js';
import { followEvents } from './events.js';
import { containerOf, imageOf } from './inspect.js';
import { EVERY_LIMIT, kernelLimits, mayBeThrownAway, type KernelLimits } from './limits.js';
import { followLogs, readLogs } from './log-stream.js';
import { askRegistry } from './ask-registry.js';
import { renameClaim } from './name-claim.js';
import { collect, plainOutput } from './output.js';
import { listOwned, publishedPorts } from './owners.js';
import { foreignClaim, portClaim } from './port-claim.js';
import { pullImage, type PullOptions } from './pull.js';
import { removeContainer } from './remove-container.js';

const NOT_MODIFIED = 304;
const NOT_FOUND = 404;
const CONFLICT = 409;

export class DockerEngine implements Engine {
  private kernel: Promise<KernelLimits> | undefined;

  /** `streams` is for what may stay silent for long: events, logs, and pulls, which watch their own silence. */
  constructor(
    private readonly docker: Docker,
    private readonly streams: Docker = docker,
  ) {}

  async info(): Promise<EngineInfo> {
    try {
      const [info, version] = await Promise.all([this.docker.info(), this.docker.version()]);
      return {
        id: info.ID,
        version: version.Version,
        apiVersion: version.ApiVersion,
        systemTime: Date.parse(info.SystemTime),
        dataRoot: info.DockerRootDir,
      };
    } catch (error) {
      throw asEngineError(error);
    }
  }

  async listContainers(stack: string): Promise<readonly ContainerSummary[]> {
    const filters = { label: [`${LABEL.stack}=${stack}`] };
    const list = await this.reach(() => this.docker.listContainers({ all: true, filters }));
    return list.map((entry) => ({ id: entry.Id, fingerprint: fingerprint(entry) }));
  }

  async inspectContainer(id: string): Promise<ObservedContainer | undefined> {
    const info = await orAbsent(() => this.docker.getContainer(id).inspect());
    if (info === undefined) return undefined;
    const kernel = mayBeThrownAway(info.HostConfig) ? await this.kernelLimits() : EVERY_LIMIT;
    return containerOf(info, kernel);
  }

  /** Asked once: a kernel does not change under an engine that runs. */
  private kernelLimits(): Promise<KernelLimits> {
    this.kernel ??= kernelLimits(this.docker).catch((error: unknown) => {
      this.kernel = undefined;
      throw error;
    });
    return this.kernel;
  }

  async listNetworks(stack: string, names: readonly string[]): Promise<readonly ObservedNetwork[]> {
    const list = await this.reach(() => this.docker.listNetworks());
    return list
      .map((entry) => ({
        id: entry.Id,
        name: entry.Name,
        driver: entry.Driver,
        mine: entry.Labels?.[LABEL.stack] === stack,
      }))
      .filter((network) => network.mine || names.includes(network.name));
  }

  async listVolumes(stack: string, names: readonly string[]): Promise<readonly ObservedVolume[]> {
    const { Volumes } = await this.reach(() => this.docker.listVolumes());
    return (Volumes ?? [])
      .map((entry) => ({ name: entry.Name, mine: entry.Labels?.[LABEL.stack] === stack }))
      .filter((volume) => volume.mine || names.includes(volume.name));
  }

  async inspectImage(reference: string): Promise<ObservedImage | undefined> {
    const info = await orAbsent(() => this.docker.getImage(reference).inspect());
    return info === undefined ? undefined : imageOf(info);
  }

  async imageOrigin(reference: string): Promise<ImageOrigin | undefined> {
    const info = await orAbsent(() => this.docker.getImage(reference).inspect());
    if (info === undefined) return undefined;
    const digests: readonly string[] | null = info.RepoDigests;
    return { labels: info.Config.Labels ?? {}, fromRegistry: (digests ?? []).length > 0 };
  }

  askRegistry(reference: string, signal: AbortSignal): Promise<RegistryAnswer> {
    return askRegistry(this.docker, reference, signal);
  }

  async listPublished(): Promise<readonly PortHolder[]> {
    return publishedPorts(await this.reach(() => this.docker.listContainers()));
  }

  async requirePorts(ports: readonly number[], stack: string): Promise<void> {
    const claim = await this.reach(() => foreignClaim(this.docker, ports, stack));
    if (claim !== undefined) throw claim;
  }

  listOwned(): Promise<readonly OwnedPart[]> {
    return this.reach(() => listOwned(this.docker));
  }

  pullImage(reference: string, options: PullOptions): Promise<void> {
    return pullImage(this.streams, reference, options);
  }

  async createNetwork(stack: string, name: string, driver: string): Promise<void> {
    const options = { Name: name, Driver: driver, CheckDuplicate: true, Labels: { [LABEL.stack]: stack } };
    await already([CONFLICT], () => this.docker.createNetwork(options));
  }

  async createVolume(stack: string, name: string): Promise<void> {
    await this.docker.createVolume({ Name: name, Labels: { [LABEL.stack]: stack } });
  }

  createContainer(template: ContainerTemplate): Promise<string> {
    return createContainer(this.docker, template);
  }

  async startContainer(idOrName: string): Promise<void> {
    const container = this.docker.getContainer(idOrName);
    try {
      await already([NOT_MODIFIED], () => container.start());
    } catch (error) {
      throw (await portClaim(this.docker, container)) ?? error;
    }
  }

  async unpauseContainer(id: string): Promise<void> {
    await already([CONFLICT], () => this.docker.getContainer(id).unpause());
  }

  async restartContainer(id: string, graceMs: number): Promise<void> {
    await this.docker.getContainer(id).restart({ t: seconds(graceMs) });
  }

  async renameContainer(id: string, name: string): Promise<void> {
    try {
      await this.docker.getContainer(id).rename({ name });
    } catch (error) {
      const claim = statusOf(error) === CONFLICT ? await renameClaim(this.docker, id, name) : undefined;
      throw claim ?? error;
    }
  }

  async updateContainer(id: string, template: ContainerTemplate): Promise<void> {
    const limits = { ...resourceLimits(template), PidsLimit: template.pids };
    await this.docker.getContainer(id).update(limits);
  }

  async connectNetwork(id: string, network: string, aliases: readonly string[]): Promise<void> {
    const options = { Container: id, EndpointConfig: { Aliases: [...aliases] } };
    await already([CONFLICT], () => this.docker.getNetwork(network).connect(options));
  }

  async disconnectNetwork(id: string, network: string): Promise<void> {
    await already([NOT_FOUND], () => this.docker.getNetwork(network).disconnect({ Container: id }));
  }

  async stopContainer(id: string, graceMs?: number): Promise<void> {
    await already([NOT_MODIFIED, NOT_FOUND], () =>
      this.docker.getContainer(id).stop(graceMs === undefined ? {} : { t: seconds(graceMs) }),
    );
  }

  removeContainer(id: string): Promise<void> {
    return removeContainer(this.docker.getContainer(id));
  }

  async removeNetwork(name: string): Promise<void> {
    await already([NOT_FOUND], () => this.docker.getNetwork(name).remove());
  }

  async removeVolume(name: string): Promise<void> {
    await already([NOT_FOUND], () => this.docker.getVolume(name).remove());
  }

  async putFiles(idOrName: string, files: readonly ContainerFile[]): Promise<void> {
    await this.docker.getContainer(idOrName).putArchive(packFiles(files), { path: '/' });
  }

  async getFile(id: string, path: string): Promise<Buffer | undefined> {
    const stream = await orAbsent(() => this.docker.getContainer(id).getArchive({ path }));
    return stream === undefined ? undefined : unpackFile(stream);
  }

  async exec(id: string, argv: readonly string[]): Promise<ExecResult> {
    const options = { Cmd: [...argv], AttachStdout: true, AttachStderr: true };
    const exec = await this.docker.getContainer(id).exec(options);
    const raw = await collect(await exec.start({ hijack: true, stdin: false }));
    const { ExitCode } = await exec.inspect();
    return { exitCode: ExitCode ?? -1, output: plainOutput(raw) };
  }

  async signal(id: string, signal: string): Promise<void> {
    await this.docker.getContainer(id).kill({ signal });
  }

  async processes(id: string): Promise<readonly ContainerProcess[]> {
    const top = (await this.docker.getContainer(id).top({ ps_args: '-eo pid,args' })) as {
      Processes: string[][];
    };
    return top.Processes.map(([pid, ...command]) => ({ pid: Number(pid), command: command.join(' ') }));
  }

  async logs(id: string, lines: number, streams?: 'stdout'): Promise<readonly string[]> {
    const stderr = streams !== 'stdout';
    const raw = await this.docker.getContainer(id).logs({ stdout: true, stderr, tail: lines });
    return plainOutput(raw)
      .split('\n')
      .filter((line) => line !== '');
  }

  async wait(id: string, signal: AbortSignal): Promise<number> {
    const answer = (await this.docker.getContainer(id).wait({ abortSignal: signal })) as {
      StatusCode: number;
    };
    return answer.StatusCode;
  }

  followEvents(options: FollowOptions): Promise<void> {
    return followEvents(this.streams, options);
  }

  readLogs(id: string, options: LogOptions): Promise<void> {
    return readLogs(this.streams, id, options);
  }

  followLogs(id: string, options: LogOptions): Promise<void> {
    return followLogs(this.streams, id, options);
  }

  private async reach<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw asEngineError(error);
    }
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** All that the list shows but the human "Up 3 minutes". */
function fingerprint(entry: Docker.ContainerInfo): string {
  const networks = Object.entries(entry.NetworkSettings?.Networks ?? {}).map(([name, endpoint]) => [
    name,
    endpoint.NetworkID,
    endpoint.EndpointID,
    endpoint.IPAddress,
  ]);
  return JSON.stringify([entry.State, entry.Names, entry.ImageID, entry.Ports, networks]);
}
