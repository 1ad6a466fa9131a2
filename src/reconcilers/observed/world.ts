/**
 * One snapshot of the world in our own words: everything that planning may look at, nothing that it could call.
 * Times are epoch milliseconds; what could not be learned is absent, never a default.
 */
import type { MountSpec, RestartPolicy } from '../desired/stack-spec.js';
import type { ProxyModel, Track } from '../plan/proxy-model.js';

export interface World {
  /** Containers that carry this stack's label. */
  readonly containers: readonly ObservedContainer[];
  /** Networks that carry this stack's label, and those that merely have a name that the stack needs. */
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  /** By reference, for every image that the stack needs, and by id, for those that its services serve with; absent means not on the engine. */
  readonly images: ReadonlyMap<string, ObservedImage>;
  /** By container id. */
  readonly health: ReadonlyMap<string, ObservedHealth>;
  readonly proxy: ObservedProxy;
  /** By container id, for those that run. */
  readonly policyEngines: ReadonlyMap<string, ObservedPolicyEngine>;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
export type Role = 'service' | 'proxy' | 'policy' | 'check';

export interface ContainerEnd {
  readonly exitCode: number;
  readonly oomKilled: boolean;
}

export interface ObservedContainer extends ContainerEnd {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly role: Role;
  readonly service?: string;
  readonly track?: Track;
  readonly replica?: number;
  readonly specHash?: string;
  readonly version?: string;
  readonly state: ContainerState;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly restartCount: number;
  /** Why the engine could not start it, in the engine's words, if its last start failed. */
  readonly startError?: string;
  /** It runs, and so its life before this one ended; absent where that is not known. */
  readonly lastEnd?: ContainerEnd;
  /** A service's: the last lines of its log when it last ended with another code than 0, as far as somebody looked then. */
  readonly lastWords?: string;
  readonly config: ObservedConfig;
  /** By network name. */
  readonly networks: ReadonlyMap<string, ObservedEndpoint>;
  readonly ports: readonly PublishedPort[];
}

/** What a container was made of, as the Engine reports it. */
export interface ObservedConfig {
  readonly image: string;
  readonly imageId: string;
  readonly user: string;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly MountSpec[];
  readonly tmpfs: readonly string[];
  readonly readOnly: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt: readonly string[];
  readonly privileged: boolean;
  /** Absent, as the memory's, where the engine's kernel cannot hold such a limit. */
  readonly pids?: number;
  readonly nanoCpus: number;
  readonly memoryBytes?: number;
  /** Memory and swap together; -1 is no limit. */
  readonly memorySwapBytes?: number;
  readonly restartPolicy: RestartPolicy;
  /** How often `on-failure` starts it again; 0 is without end. */
  readonly maxRetries: number;
  /** Limits that no container of ours is made with, by their option of `docker update`. */
  readonly otherLimits: Readonly<Record<string, string>>;
  readonly publish: readonly PublishedPort[];
}

export interface ObservedEndpoint {
  readonly networkId: string;
  readonly aliases: readonly string[];
  readonly address: string;
  /** The host, as this network sees it. */
  readonly gateway?: string;
}

export interface PublishedPort {
  readonly container: number;
  readonly hostAddress: string;
  /** 0 asks the engine to choose. */
  readonly host: number;
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly mine: boolean;
}

export interface ObservedVolume {
  readonly name: string;
  readonly mine: boolean;
}

export interface ObservedImage {
  readonly id: string;
  /** Empty means root. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  /** By reference: the engine has it by its id alone, for a container that was made of it by this name. */
  readonly untagged?: true;
}

export interface ObservedHealth {
  readonly healthy: boolean;
  /** Was healthy at least once since it started. */
  readonly wasHealthy: boolean;
  readonly failuresInARow: number;
  /** Why the last probe failed, in words. */
  readonly lastFailure?: string;
}

/** The proxy's own word on what it serves. */
export interface ObservedProxy {
  /** The container that was asked. */
  readonly containerId?: string;
  /** What the configuration file inside the container says; absent when it is missing or not as we wrote it. */
  readonly model?: ProxyModel;
  /** The running workers answered with the revision of that file. */
  readonly confirmed: boolean;
  /** It runs and its listener says nothing, since then; epoch milliseconds. */
  readonly silentSince?: number;
  /** Since when this revision is served, as far as this process knows. */
  readonly servedSince?: number;
  /** Replicas (container ids) that a live nginx worker may still send requests to. */
  readonly knownToWorkers: ReadonlySet<string>;
  /** Is its file what we write? `edited` by somebody; `outdated`: of another version of this program, or of notes that were lost. One that is missing is `own`. */
  readonly file: 'own' | 'edited' | 'outdated';
  /** The revision that passed `nginx -t` last, ready to be activated. */
  readonly staged?: ProxyModel;
  /** nginx's version as the image says it, e.g. 1.30.1; absent before it was asked. */
  readonly version?: string;
}

export interface ObservedPolicyEngine {
  /** It answers, us and by policies that passed their check. */
  readonly ready: boolean;
  /** It runs and does not answer, since then; epoch milliseconds. */
  readonly silentSince?: number;
  /** It does not answer now, but did in this life: it may only be busy. */
  readonly wasReady?: true;
}
