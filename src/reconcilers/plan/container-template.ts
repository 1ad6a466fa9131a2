/** A container that the stack wants, in full: what `createContainer` makes and what drift is measured against. */
import type { MountSpec, PullPolicy, RestartPolicy } from '../desired/stack-spec.js';
import type { PublishedPort, Role } from '../observed/world.js';

export interface ContainerTemplate {
  readonly name: string;
  readonly role: Role;
  readonly image: string;
  /** The id of what it is made of, where the image's name stands for something else by now. */
  readonly build?: string;
  readonly pull: PullPolicy;
  readonly user: string;
  /** Absent: the image's own. */
  readonly entrypoint?: readonly string[];
  /** Absent: the image's own. */
  readonly command?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly MountSpec[];
  readonly tmpfs: readonly string[];
  readonly readOnly: boolean;
  readonly capAdd: readonly string[];
  readonly pids: number;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly restartPolicy: RestartPolicy;
  readonly stopGraceMs: number;
  readonly publish: readonly PublishedPort[];
  readonly network: string;
  readonly aliases: readonly string[];
}

/** What the Engine is asked to make it of. */
export function imageReference({ image, build }: Pick<ContainerTemplate, 'image' | 'build'>): string {
  return build ?? image;
}

/** Ports of the host that a container insists on; 0 leaves the choice to the Engine. */
export function fixedPorts({ publish }: Pick<ContainerTemplate, 'publish'>): readonly number[] {
  return publish.map(({ host }) => host).filter((port) => port > 0);
}

export const LABEL = {
  stack: 'swiftdeploy.stack',
  role: 'swiftdeploy.role',
  service: 'swiftdeploy.service',
  track: 'swiftdeploy.track',
  replica: 'swiftdeploy.replica',
  specHash: 'swiftdeploy.spec-hash',
  version: 'swiftdeploy.version',
  revision: 'swiftdeploy.policy-revision',
} as const;

/**
 * The state directory of whoever made a container. No part of its template: a folder that moves replaces nothing, and containers
 * of versions that did not write it are as good.
 */
export const HOME_LABEL = 'swiftdeploy.home';

/** The user that replaces root in images that name nobody else. */
export const FALLBACK_USER = '10001:10001';

/** What no container of a stack may do, and how much it may log, whatever the manifest says. */
export const HARDENING = {
  capDrop: ['ALL'],
  securityOpt: ['no-new-privileges'],
  log: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
} as const;
