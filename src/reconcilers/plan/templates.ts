/** From the manifest to containers: what each part of the stack is made of. */
import type { StackSpec } from '../desired/stack-spec.js';
import type { ObservedImage } from '../observed/world.js';
import { FALLBACK_USER, LABEL, type ContainerTemplate } from './container-template.js';
import type { Goal } from './goals.js';
import {
  interimPolicyContainerName,
  policyContainerName,
  policyNetworkName,
  proxyContainerName,
  serviceContainerName,
} from './names.js';

/** Inside the proxy's container: the public listener and the controller's own. */
export const PROXY_PORT = 8080;
export const PROXY_ADMIN_PORT = 8081;
const OPA_PORT = 8181;
const PROXY_PIDS = 512;
const POLICY_PIDS = 256;
const STOP_GRACE_MS = 10_000;

/** The policy set that should decide, and how its engine is started. */
export interface PolicyRuntime {
  readonly revision: string;
  /** Covers revision and key, so that a change of either makes a new container. */
  readonly digest: string;
  readonly command: readonly string[];
}

/** Also of one that cannot be made now. */
export function replicaName(
  stack: StackSpec,
  { spec: { name: service }, track, specHash }: Goal,
  replica: number,
): string {
  return serviceContainerName(stack.name, { service, track, specHash, replica });
}

/** `image` is the facts of `goal`'s image: they decide the user. */
export function serviceTemplate(
  stack: StackSpec,
  goal: Goal,
  replica: number,
  image: ObservedImage,
): ContainerTemplate {
  const { container, name: service } = goal.spec;
  return {
    name: replicaName(stack, goal, replica),
    role: 'service',
    image: container.image,
    pull: goal.spec.pull,
    user: container.security.user ?? userOf(image),
    ...(container.command === undefined ? {} : { command: container.command }),
    env: serviceEnv(goal),
    labels: {
      [LABEL.stack]: stack.name,
      [LABEL.role]: 'service',
      [LABEL.service]: service,
      [LABEL.track]: goal.track,
      [LABEL.replica]: String(replica),
      [LABEL.specHash]: goal.specHash,
      [LABEL.version]: container.version,
    },
    mounts: container.mounts,
    tmpfs: container.security.tmpfs,
    readOnly: container.security.readOnly,
    capAdd: container.security.capAdd,
    ...container.resources,
    restartPolicy: container.restartPolicy,
    stopGraceMs: goal.spec.drainMs,
    publish: [],
    network: stack.network.name,
    aliases: [service, ...container.aliases.filter((alias) => alias !== service)],
  };
}

/** Variables that every replica gets from us. */
export const OWN_ENV: readonly string[] = ['APP_PORT', 'APP_VERSION', 'MODE'];

function serviceEnv(goal: Goal): Record<string, string> {
  const { env, port, version } = goal.spec.container;
  return {
    ...env,
    ...(port === undefined ? {} : { APP_PORT: String(port) }),
    APP_VERSION: version,
    MODE: goal.track,
  };
}

export function runsAsRoot(user: string): boolean {
  return ['', '0', 'root'].includes(user.split(':')[0] ?? '');
}

function userOf(image: ObservedImage): string {
  return runsAsRoot(image.user) ? FALLBACK_USER : image.user;
}

export function proxyTemplate(stack: StackSpec): ContainerTemplate {
  return {
    ...part(stack, 'proxy', proxyContainerName(stack.name)),
    image: stack.proxy.image,
    pull: stack.proxy.pull,
    user: FALLBACK_USER,
    entrypoint: ['nginx'],
    command: ['-g', 'daemon off;'],
    pids: PROXY_PIDS,
    publish: [
      { container: PROXY_PORT, hostAddress: '', host: stack.proxy.port },
      { container: PROXY_ADMIN_PORT, hostAddress: '127.0.0.1', host: 0 },
    ],
    network: stack.network.name,
    aliases: stack.proxy.aliases,
  };
}

export function policyTemplate(
  stack: StackSpec,
  policy: PolicyRuntime,
  image: ObservedImage,
): ContainerTemplate {
  const base = part(stack, 'policy', policyContainerName(stack.name, policy.digest));
  return {
    ...base,
    labels: { ...base.labels, [LABEL.revision]: policy.revision, [LABEL.specHash]: policy.digest },
    image: stack.policyEngine.image,
    pull: stack.policyEngine.pull,
    user: userOf(image),
    command: policy.command,
    pids: POLICY_PIDS,
    publish: [{ container: OPA_PORT, hostAddress: '127.0.0.1', host: stack.policyEngine.port }],
    network: policyNetworkName(stack.name),
    aliases: [],
  };
}

/** The same policies on a port that the engine chooses. */
export function interimPolicyTemplate(
  stack: StackSpec,
  policy: PolicyRuntime,
  image: ObservedImage,
): ContainerTemplate {
  return {
    ...policyTemplate(stack, policy, image),
    name: interimPolicyContainerName(stack.name, policy.digest),
    publish: [{ container: OPA_PORT, hostAddress: '127.0.0.1', host: 0 }],
  };
}

function part(stack: StackSpec, role: 'proxy' | 'policy', name: string) {
  return {
    name,
    role,
    env: {},
    labels: { [LABEL.stack]: stack.name, [LABEL.role]: role },
    mounts: [],
    tmpfs: [],
    readOnly: false,
    capAdd: [],
    restartPolicy: 'unless-stopped',
    stopGraceMs: STOP_GRACE_MS,
  } as const;
}
