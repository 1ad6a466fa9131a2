/**
 * The one internal form of a manifest: what every published dialect and both shapes of `services` are normalised to.
 * Plain immutable data with units in the names; nothing here knows YAML or Docker.
 */

/** All that one manifest describes. */
export interface StackSpec {
  /** Unique on one engine; prefix of every name that the stack creates. */
  readonly name: string;
  /** Shown to users in error bodies. */
  readonly contact: string;
  readonly network: NetworkSpec;
  readonly proxy: ProxySpec;
  readonly policyEngine: PolicyEngineSpec;
  /** Sorted by name. */
  readonly services: readonly ServiceSpec[];
  /** Stricter thresholds that the manifest asks for: domain → threshold → value. Passed to OPA as facts. */
  readonly limits: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What must not be changed: everything, or these services, sorted. Absent: nothing. */
  readonly suspend?: 'stack' | readonly string[];
}

export interface NetworkSpec {
  readonly name: string;
  readonly driver: string;
}

export interface ProxySpec {
  readonly image: string;
  readonly pull: PullPolicy;
  /** Published on every address of the host. */
  readonly port: number;
  /** nginx's connect, send and read time-out towards a replica, in seconds. */
  readonly timeoutSeconds: number;
  /** Extra DNS names on the stack's network. */
  readonly aliases: readonly string[];
}

export interface PolicyEngineSpec {
  readonly image: string;
  readonly pull: PullPolicy;
  /** Published on 127.0.0.1 only. */
  readonly port: number;
  /** How long one question may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The manifest's own choice of a policies folder, relative to the manifest; `--policies` wins. */
  readonly policiesDir?: string;
}

export type Mode = 'stable' | 'canary';
export type PullPolicy = 'missing' | 'always' | 'never';
export type RestartPolicy = 'no' | 'always' | 'unless-stopped' | 'on-failure';

/** One workload: what its containers are made of, and how the stack treats them. */
export interface ServiceSpec {
  readonly name: string;
  readonly mode: Mode;
  /** Everything that needs a new container when it changes; the spec hash covers exactly this. */
  readonly container: ContainerSpec;
  readonly replicas: number;
  readonly pull: PullPolicy;
  /** Absent for a service without HTTP health: then who stays up is ready. */
  readonly health?: HealthSpec;
  /** Longest time that requests in flight may take before the replica is stopped, in milliseconds. */
  readonly drainMs: number;
  /** Absent: reachable inside the network only. */
  readonly route?: RouteSpec;
  /** Absent: no metrics. */
  readonly metrics?: MetricsSpec;
  /** Absent: a canary gets everything at once. */
  readonly canary?: CanarySpec;
}

/** How a canary gets its share; no part of the spec hash, so that editing it restarts no rollout. */
export interface CanarySpec {
  readonly steps: readonly CanaryStep[];
  readonly sticky: 'cookie' | 'ip' | 'off';
  /** Request header with which a tester chooses the track. Absent: nobody chooses. */
  readonly header?: string;
  readonly replicas: number;
  /** Not judged for this long after its first share. */
  readonly warmupMs: number;
  /** How long a step may stay undecided. */
  readonly deadlineMs: number;
  /** How long the old version stands by, and the new one is judged, after a promotion. Absent: it leaves at once. */
  readonly bakeMs?: number;
}

/** A pause keeps the share of the step before it. `ended`: somebody said `pause: false`, and nobody waits there any more. */
export type CanaryStep =
  | { readonly kind: 'share'; readonly weight: number; readonly holdMs: number }
  | { readonly kind: 'pause'; readonly ended?: true };

export interface ContainerSpec {
  readonly image: string;
  /** `APP_VERSION`; always a string. */
  readonly version: string;
  /** Inside the network, never published. Absent for a worker that listens on nothing. */
  readonly port?: number;
  /** Replaces the image's command (not its entry point), as Compose's `command`. */
  readonly command?: readonly string[];
  /** The user's variables; APP_PORT, APP_VERSION and MODE are added when a container is made, and win. */
  readonly env: Readonly<Record<string, string>>;
  /** Sorted by target. */
  readonly mounts: readonly MountSpec[];
  readonly restartPolicy: RestartPolicy;
  readonly resources: ResourceSpec;
  /** Extra DNS names on the stack's network, `container_name` among them. */
  readonly aliases: readonly string[];
  readonly security: SecuritySpec;
}

export type MountSpec =
  | { readonly type: 'volume'; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readOnly: boolean };

export interface ResourceSpec {
  /** CPUs, as in Compose (0.5 is half a core). Absent: no limit. */
  readonly cpus?: number;
  /** Bytes. Absent: no limit. */
  readonly memoryBytes?: number;
  /** Most processes and threads. */
  readonly pids: number;
}

export interface SecuritySpec {
  /** `uid[:gid]` or a name. Absent: the image's own user if it is not root, else 10001:10001. */
  readonly user?: string;
  readonly capAdd: readonly string[];
  readonly readOnly: boolean;
  /** Paths, sorted; `path[:options]` as in Compose. */
  readonly tmpfs: readonly string[];
}

export interface HealthSpec {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures in a row before a replica that was healthy counts as unhealthy. */
  readonly retries: number;
  /** A new replica that is not healthy within this time after its start has failed. */
  readonly deadlineMs: number;
}

export interface RouteSpec {
  /** Absent: any host. */
  readonly host?: string;
  /** Starts with `/`; the longest matching prefix wins, as with nginx `location`. */
  readonly path: string;
}

export interface MetricsSpec {
  readonly path: string;
}
