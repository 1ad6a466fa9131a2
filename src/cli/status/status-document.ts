/** `status.json` as commands read it (schema/status.schema.json); what a newer version adds is ignored. */
import { readFile } from 'node:fs/promises';
import type { Condition } from '../../controller/conditions.js';
import { errorCode } from '../../controller/error-code.js';
import type { RolloutStatus } from '../../reconcilers/report/rollout-status.js';
import type { ServiceTraffic, TrackTraffic } from '../../reconcilers/traffic/traffic.js';
import { impossibleFigure } from './impossible-figure.js';
import { isStatus } from './status-shape.js';

export interface StatusDocument {
  readonly stack: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly url?: string;
  readonly manifest: { readonly path: string; readonly sha256?: string };
  /** The commit that is reconciled; absent for a plain file. */
  readonly source?: SourceStatus;
  readonly conditions: readonly Condition[];
  readonly services: readonly ServiceStatus[];
  readonly policies: readonly PolicyStatus[];
  readonly controller?: { readonly pid: number; readonly version: string; readonly startedAt: string };
}

export interface SourceStatus {
  readonly commit: string;
  readonly ref: string;
  readonly author: string;
  readonly subject: string;
}

export interface ServiceStatus {
  readonly name: string;
  readonly mode: string;
  readonly version?: string;
  readonly tracks: readonly TrackStatus[];
  readonly failed?: readonly FailureStatus[];
  /** Absent without a canary. */
  readonly rollout?: RolloutStatus;
  readonly traffic?: ServiceTraffic;
}

export interface TrackStatus {
  readonly track: string;
  readonly version: string;
  readonly specHash: string;
  readonly weight: number;
  readonly replicas: { readonly desired: number; readonly ready: number };
  readonly restarts?: number;
  readonly traffic?: TrackTraffic;
}

export interface FailureStatus {
  readonly track: string;
  readonly version?: string;
  /** It was promoted by then. */
  readonly inBake?: boolean;
  /** What it still has of the requests, percent; absent for none. */
  readonly weight?: number;
  readonly message: string;
  readonly at: string;
}

export interface PolicyStatus {
  readonly domain: string;
  readonly question: string;
  readonly allow: boolean;
  readonly reasons: readonly { readonly message: string }[];
  readonly checkedAt?: string;
  /** Other policies decide since, and were not asked this yet. */
  readonly outdated?: boolean;
}

export type StatusRead =
  | { readonly kind: 'status'; readonly status: StatusDocument; readonly text: string }
  | { readonly kind: 'missing' }
  /** In words, after the file's name. */
  | { readonly kind: 'unusable'; readonly why: string };

/** Never throws for what stands, or does not stand, in the file. */
export async function readStatus(path: string): Promise<StatusRead> {
  try {
    const text = await readFile(path, 'utf8');
    const status: unknown = JSON.parse(text);
    if (!isStatus(status)) return { kind: 'unusable', why: 'is not a status of SwiftDeploy' };
    const why = impossibleFigure(status);
    return why === undefined ? { kind: 'status', status, text } : { kind: 'unusable', why };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'unusable', why: 'is not JSON' };
    const code = errorCode(error);
    return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unusable', why: `cannot be read (${code})` };
  }
}
