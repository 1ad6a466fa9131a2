/** A manifest that the schema has accepted and filled with defaults: the schema's shape as types. */
import type { Mode, PullPolicy, RestartPolicy } from './stack-spec.js';

/** Seconds, or text such as `1m30s`. */
export type RawDuration = number | string;

export interface RawManifest {
  readonly name?: string;
  readonly suspend: boolean;
  readonly services: RawService | Readonly<Record<string, RawService>>;
  readonly nginx: {
    readonly image: string;
    readonly port: number;
    readonly proxy_timeout: RawDuration;
    readonly pull: PullPolicy;
    readonly aliases: readonly string[];
  };
  readonly opa: {
    readonly image: string;
    readonly port: number;
    readonly timeout: RawDuration;
    readonly pull: PullPolicy;
    readonly policies_dir?: string;
  };
  readonly network: { readonly name: string; readonly driver_type: string };
  readonly contact: string;
  readonly policy: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface RawService {
  readonly name?: string;
  readonly suspend: boolean;
  readonly image: string;
  readonly port?: number;
  readonly mode: Mode;
  readonly version: string;
  readonly restart_policy: RestartPolicy;
  readonly log_volume?: string;
  readonly replicas: number;
  readonly command?: string | readonly string[];
  /** A mapping of text: the dialects have rewritten lists, numbers and booleans. */
  readonly env: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly resources: {
    readonly cpus?: number | string;
    readonly memory?: number | string;
    readonly pids: number;
  };
  readonly health: false | RawHealth;
  readonly drain: RawDuration;
  readonly route?: { readonly host?: string; readonly path: string };
  readonly metrics: false | { readonly path: string };
  readonly pull: PullPolicy;
  readonly aliases: readonly string[];
  readonly user?: string | number;
  readonly cap_add: readonly string[];
  readonly read_only: boolean;
  readonly tmpfs: readonly string[];
  readonly canary?: RawCanary;
}

export interface RawCanary {
  readonly steps: readonly RawCanaryStep[];
  readonly sticky: 'cookie' | 'ip' | 'off';
  readonly header?: string;
  readonly replicas?: number;
  readonly warmup: RawDuration;
  readonly deadline: RawDuration;
  readonly bake?: RawDuration;
}

/** A share or a pause, never both: a rule between values sees to that. */
export interface RawCanaryStep {
  readonly weight?: number;
  readonly hold?: RawDuration;
  readonly pause?: boolean;
}

export interface RawHealth {
  readonly path: string;
  readonly interval: RawDuration;
  readonly timeout: RawDuration;
  readonly retries: number;
  readonly deadline: RawDuration;
}
