/** A container as the Engine would report it right after it was made from a template. Pure. */
import type { ObservedConfig, ObservedContainer, ObservedImage } from '../../observed/world.js';
import { imageReference, LABEL, type ContainerTemplate } from '../container-template.js';

export function made(
  template: ContainerTemplate,
  image: ObservedImage,
  { id, now }: { readonly id: string; readonly now: number },
): ObservedContainer {
  return {
    id,
    name: template.name,
    ...identityOf(template.labels),
    state: 'created',
    createdAt: now,
    exitCode: 0,
    oomKilled: false,
    restartCount: 0,
    config: configOf(template, image),
    networks: new Map([[template.network, { networkId: '', aliases: template.aliases, address: '' }]]),
    ports: [],
  };
}

type Identity = Pick<ObservedContainer, 'role' | 'service' | 'track' | 'replica' | 'specHash' | 'version'>;

/** What labels say, read as the Engine adapter reads them. */
function identityOf(labels: Readonly<Record<string, string>>): Identity {
  const { service, track, replica, specHash, version } = {
    service: labels[LABEL.service],
    track: labels[LABEL.track],
    replica: Number(labels[LABEL.replica]),
    specHash: labels[LABEL.specHash],
    version: labels[LABEL.version],
  };
  const role = labels[LABEL.role];
  return {
    role: role === 'proxy' || role === 'policy' || role === 'check' ? role : 'service',
    ...(service === undefined ? {} : { service }),
    ...(track === 'stable' || track === 'canary' ? { track } : {}),
    ...(Number.isInteger(replica) ? { replica } : {}),
    ...(specHash === undefined ? {} : { specHash }),
    ...(version === undefined ? {} : { version }),
  };
}

function configOf(template: ContainerTemplate, image: ObservedImage): ObservedConfig {
  return {
    image: imageReference(template),
    imageId: image.id,
    user: template.user,
    command: template.command ?? image.command,
    entrypoint: template.entrypoint ?? image.entrypoint,
    env: { ...image.env, ...template.env },
    labels: template.labels,
    mounts: template.mounts,
    tmpfs: template.tmpfs,
    readOnly: template.readOnly,
    capAdd: template.capAdd,
    capDrop: ['ALL'],
    securityOpt: ['no-new-privileges'],
    privileged: false,
    ...limitsOf(template),
    otherLimits: {},
    publish: template.publish,
  };
}

/** What `updateContainer` sets. */
export function limitsOf(template: ContainerTemplate) {
  return {
    pids: template.pids,
    nanoCpus: Math.round((template.cpus ?? 0) * 1e9),
    memoryBytes: template.memoryBytes ?? 0,
    memorySwapBytes: template.memoryBytes ?? 0,
    restartPolicy: template.restartPolicy,
    maxRetries: 0,
  };
}
