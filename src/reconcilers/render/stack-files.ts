/** Everything that `render` writes, as values: the same bytes for the same manifest, policies and images, whatever the machine and the hour. */
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { ObservedImage } from '../observed/world.js';
import { proxyModelOf } from '../plan/plan-proxy.js';
import type { RouteModel } from '../plan/proxy-model.js';
import { openPolicyBundle } from '../policy/policy-bundle.js';
import type { PolicySet } from '../policy/policy-set.js';
import { renderStandaloneConfig } from '../proxy/render.js';
import { composeFile, NGINX_FILE, OPA_FOLDER } from './compose-file.js';

export interface GeneratedFile {
  /** Relative to the folder, with `/` on every system. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

export interface RenderInput {
  readonly stack: StackSpec;
  readonly policies: PolicySet;
  /** Of the services, by reference, as far as they are known. */
  readonly images: ReadonlyMap<string, ObservedImage>;
}

export const COMPOSE_FILE = 'docker-compose.yml';

/** What stands in the folder; everything else in it is somebody else's. */
export const GENERATED_ENTRIES: readonly string[] = [NGINX_FILE, COMPOSE_FILE, OPA_FOLDER];

/** Containers read these as a user of their own. */
const SHARED_MODE = 0o644;
/** It holds environment values. */
const PRIVATE_MODE = 0o600;

/** Sorted by path. */
export function stackFiles({ stack, policies, images }: RenderInput): readonly GeneratedFile[] {
  const bundle = openPolicyBundle(policies).map(({ path, content }) => ({
    path: `${OPA_FOLDER}/${path}`,
    content,
    mode: SHARED_MODE,
  }));
  const files: readonly GeneratedFile[] = [
    { path: NGINX_FILE, content: Buffer.from(nginxFile(stack)), mode: SHARED_MODE },
    { path: COMPOSE_FILE, content: Buffer.from(composeFile(stack, images)), mode: PRIVATE_MODE },
    ...bundle,
  ];
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** For an nginx of any version: which one the image holds is not written in the manifest. */
function nginxFile(stack: StackSpec): string {
  return renderStandaloneConfig(proxyModelOf(stack, undefined, { sharesOf: allReplicas }));
}

/** Under a service's name, Compose's DNS gives the addresses of all its containers. */
function allReplicas({ name, mode, container }: ServiceSpec): Pick<RouteModel, 'tracks'> {
  const servers = [{ address: name, port: container.port ?? 0 }];
  return { tracks: [{ track: mode, weight: 100, servers }] };
}
