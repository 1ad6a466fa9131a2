/**
 * The container engine in our words: the only door to the world's containers. `DockerEngine` implements it over dockerode;
 * a Swarm backend would implement the same. "Already true" counts as done (start of a running container, remove of a missing one).
 */
import type { ContainerTemplate } from '../plan/container-template.js';
import type { PullOptions } from './pull.js';
import type {
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
  Role,
} from '../observed/world.js';

export interface Engine {
  /** Throws `EngineUnreachable` when nobody answers. */
  info(): Promise<EngineInfo>;

  listContainers(stack: string): Promise<readonly ContainerSummary[]>;
  /** Absent when it is gone. */
  inspectContainer(id: string): Promise<ObservedContainer | undefined>;
  listNetworks(stack: string, names: readonly string[]): Promise<readonly ObservedNetwork[]>;
  listVolumes(stack: string, names: readonly string[]): Promise<readonly ObservedVolume[]>;
  /** Absent when the engine does not have it. */
  inspectImage(reference: string): Promise<ObservedImage | undefined>;
  /** Absent when the engine does not have it. */
  imageOrigin(reference: string): Promise<ImageOrigin | undefined>;
  /** Asks the image's registry for it, without pulling; rejects only where the engine itself does not answer. */
  askRegistry(reference: string, signal: AbortSignal): Promise<RegistryAnswer>;
  /** Ports of the host that running containers have, anybody's. */
  listPublished(): Promise<readonly PortHolder[]>;
  /** Throws `ForeignClaim` when anybody but this stack has one of these ports of the host. */
  requirePorts(ports: readonly number[], stack: string): Promise<void>;
  /** Everything that carries the label of any stack. */
  listOwned(): Promise<readonly OwnedPart[]>;

  /** Throws `ImageUnavailable`. */
  pullImage(reference: string, options: PullOptions): Promise<void>;
  createNetwork(stack: string, name: string, driver: string): Promise<void>;
  createVolume(stack: string, name: string): Promise<void>;
  /** Returns the id; throws `ForeignClaim` when the name belongs to somebody else. */
  createContainer(template: ContainerTemplate): Promise<string>;
  /** Throws `PortTaken` when a published port is in use. */
  startContainer(idOrName: string): Promise<void>;
  unpauseContainer(id: string): Promise<void>;
  restartContainer(id: string, graceMs: number): Promise<void>;
  /** Throws `ForeignClaim` when the name belongs to somebody else. */
  renameContainer(id: string, name: string): Promise<void>;
  updateContainer(id: string, template: ContainerTemplate): Promise<void>;
  connectNetwork(id: string, network: string, aliases: readonly string[]): Promise<void>;
  /** Done, too, where it is not on it. */
  disconnectNetwork(id: string, network: string): Promise<void>;
  stopContainer(id: string, graceMs?: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  removeNetwork(name: string): Promise<void>;
  removeVolume(name: string): Promise<void>;

  /** Files are written as root with the given mode and owner; directories are made. */
  putFiles(idOrName: string, files: readonly ContainerFile[]): Promise<void>;
  /** Absent when there is no such file. */
  getFile(id: string, path: string): Promise<Buffer | undefined>;
  exec(id: string, argv: readonly string[]): Promise<ExecResult>;
  signal(id: string, signal: string): Promise<void>;
  processes(id: string): Promise<readonly ContainerProcess[]>;
  /** The last lines of stdout and stderr, or of stdout alone, oldest first, as they are: who tells them takes `toldLog`. */
  logs(id: string, lines: number, streams?: 'stdout'): Promise<readonly string[]>;
  /** Waits until it has exited; the exit code. */
  wait(id: string, signal: AbortSignal): Promise<number>;

  /** Calls `onEvent` until the stream ends or breaks; rejects when it breaks. `onOpen` once the stream stands. */
  followEvents(options: FollowOptions): Promise<void>;
  /** Calls `onLine` for all that a container wrote to stderr since then and until now; rejects where that cannot be read. */
  readLogs(id: string, options: LogOptions): Promise<void>;
  /** As `readLogs`, and goes on until it stops. The Engine may tell a line twice where it rotates the log. */
  followLogs(id: string, options: LogOptions): Promise<void>;
}

export interface EngineInfo {
  readonly id: string;
  readonly version: string;
  readonly apiVersion: string;
  /** What its clock says, epoch milliseconds. */
  readonly systemTime: number;
  /** Where the engine keeps images and containers, on the engine's host. */
  readonly dataRoot: string;
}

/** How an image came to be on the engine. */
export interface ImageOrigin {
  readonly labels: Readonly<Record<string, string>>;
  /** It was pulled or pushed: a registry knows it. */
  readonly fromRegistry: boolean;
}

export type RegistryAnswer =
  | { readonly kind: 'has it' }
  /** It answered, and would not give it: unknown image, or who asks may not have it. */
  | { readonly kind: 'refuses'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string };

/** A container, and who it belongs to. */
export interface ContainerOwner {
  readonly container: string;
  readonly image: string;
  /** Absent for what is no stack's. */
  readonly stack?: string;
  readonly role?: Role;
}

export interface PortHolder extends ContainerOwner {
  readonly port: number;
  /** The address of the host that it is published on. */
  readonly hostAddress: string;
}

export interface OwnedPart {
  readonly what: 'container' | 'network' | 'volume';
  readonly name: string;
  readonly stack: string;
  readonly role?: Role;
  /** Of a container. */
  readonly running?: boolean;
  /** Of a container; epoch milliseconds on the engine's clock. */
  readonly createdAt?: number;
}

export interface ContainerSummary {
  readonly id: string;
  /** Changes whenever the list shows a change; what only `inspect` shows comes by event. */
  readonly fingerprint: string;
}

export interface ContainerFile {
  /** Absolute, inside the container. */
  readonly path: string;
  readonly content: Buffer | string;
  readonly mode: number;
  readonly uid: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
}

export interface ContainerProcess {
  readonly pid: number;
  readonly command: string;
}

export interface EngineEvent {
  readonly type: 'container' | 'network' | 'volume' | 'image' | 'other';
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, as the Engine's `since` wants it back: seconds.nanoseconds. */
  readonly at: string;
}

export interface FollowOptions {
  readonly since?: string;
  readonly onOpen: () => void;
  readonly onEvent: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

export interface LogOptions {
  /** RFC 3339, to the nanosecond; that moment is in it. Absent: all that the Engine still has. */
  readonly since?: string;
  readonly onLine: (line: LogLine) => void;
  readonly signal: AbortSignal;
}

export interface LogLine {
  /** When the Engine got it: RFC 3339 in UTC with nine digits, so that as text they sort by time. */
  readonly at: string;
  /** Without its newline; a byte is a character. */
  readonly text: string;
  /** False for a piece: the writer died in the middle, or the line was too long for one. */
  readonly isWhole: boolean;
}
