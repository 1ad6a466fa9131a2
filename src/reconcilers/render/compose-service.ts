/** One container template as a service of a Compose file: every field that `createContainer` would set, none of our labels. */
import type { MountSpec } from '../desired/stack-spec.js';
import type { PublishedPort } from '../observed/world.js';
import { HARDENING, type ContainerTemplate } from '../plan/container-template.js';

/** As in Compose's specification (docs.docker.com/reference/compose-file/services). */
export type ComposeService = Readonly<Record<string, unknown>>;

export interface ComposePlace {
  /** The service's key in the file, which Compose makes a host name by itself. */
  readonly name: string;
  readonly replicas?: number;
  /** From beside the file into the container, read-only. */
  readonly generated?: { readonly source: string; readonly target: string };
}

/** Keys stand in the order in which people read them; what is not set is left out. */
export function composeService(template: ContainerTemplate, place: ComposePlace): ComposeService {
  const fields = {
    image: template.image,
    pull_policy: template.pull,
    deploy: place.replicas === undefined ? undefined : { replicas: place.replicas },
    entrypoint: template.entrypoint,
    command: template.command,
    environment: orAbsent(template.env),
    user: template.user,
    cap_drop: HARDENING.capDrop,
    cap_add: orAbsent(template.capAdd),
    security_opt: HARDENING.securityOpt,
    read_only: template.readOnly ? true : undefined,
    tmpfs: orAbsent(template.tmpfs),
    volumes: orAbsent([...template.mounts.map(mountOf), ...generatedMounts(place)]),
    ...limits(template),
    restart: template.restartPolicy,
    stop_grace_period: `${String(Math.ceil(template.stopGraceMs / 1000))}s`,
    logging: HARDENING.log,
    ports: orAbsent(template.publish.map(portOf)),
    networks: networksOf(template, place),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function limits({ cpus, memoryBytes, pids }: ContainerTemplate) {
  const memory = memoryBytes === undefined ? {} : { mem_limit: memoryBytes, memswap_limit: memoryBytes };
  return { cpus, ...memory, pids_limit: pids };
}

/** A directory of the host that is not there is made, as the controller's containers have it. */
function mountOf({ type, source, target, readOnly }: MountSpec) {
  return {
    type,
    source,
    target,
    ...(readOnly ? { read_only: true } : {}),
    ...(type === 'bind' ? { bind: { create_host_path: true } } : {}),
  };
}

/** A file that is missing is said, instead of becoming an empty directory. */
function generatedMounts({ generated }: ComposePlace) {
  if (generated === undefined) return [];
  return [{ type: 'bind', ...generated, read_only: true, bind: { create_host_path: false } }];
}

function portOf({ container, hostAddress, host }: PublishedPort): string {
  const published = `${String(host)}:${String(container)}`;
  return hostAddress === '' ? published : `${hostAddress}:${published}`;
}

function networksOf({ network, aliases }: ContainerTemplate, { name }: ComposePlace) {
  const others = aliases.filter((alias) => alias !== name);
  return others.length === 0 ? [network] : { [network]: { aliases: others } };
}

/** A list or a map with nothing in it is not worth a line. */
function orAbsent<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
