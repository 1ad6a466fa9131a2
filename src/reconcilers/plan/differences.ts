/**
 * Where a container is not what was applied. Values of environment variables and labels never appear in the words,
 * only their names. What `docker update` can put right is marked so; everything else needs a new container.
 */
import type { MountSpec } from '../desired/stack-spec.js';
import type { ObservedContainer, ObservedImage, PublishedPort } from '../observed/world.js';
import { LABEL, type ContainerTemplate } from './container-template.js';
import { limitDifferences } from './limit-differences.js';
import { same } from './same.js';

/** An image may bring labels of its own, some of ours among them. */
const OWN_LABELS: ReadonlySet<string> = new Set(Object.values(LABEL));

export interface Difference {
  readonly heal: 'update' | 'recreate';
  readonly drift: 'changed' | 'resources';
  readonly words: string;
}

export function differences(
  template: ContainerTemplate,
  container: ObservedContainer,
  image: ObservedImage,
): readonly Difference[] {
  return [
    ...imageDifference(template, container, image),
    ...identityDifferences(template, container, image),
    ...securityDifferences(template, container),
    ...limitDifferences(template, container),
  ];
}

/** What a new container is for; undefined where none is needed. */
export function recreateDrift(unlike: readonly Difference[]): Difference['drift'] | undefined {
  const reasons = unlike.filter(({ heal }) => heal === 'recreate');
  return (reasons.find(({ drift }) => drift === 'changed') ?? reasons[0])?.drift;
}

/** The tag points at another image now; a reason to replace only where the manifest says `pull: always`. */
export function imageMoved(container: ObservedContainer, image: ObservedImage): boolean {
  return container.config.imageId !== image.id;
}

/** The manifest asks for another image or other ports than this was made of; whatever else differs, somebody changed. */
export function isEdited({ image, publish }: ContainerTemplate, { config }: ObservedContainer): boolean {
  return config.image !== image || !same(sortedPorts(publish), sortedPorts(config.publish));
}

function imageDifference(
  template: ContainerTemplate,
  container: ObservedContainer,
  image: ObservedImage,
): Difference[] {
  if (!isNamed(template, container)) {
    return [recreate(`its image is ${container.config.image}, not ${template.image}`)];
  }
  return template.pull === 'always' && imageMoved(container, image)
    ? [recreate(`${template.image} is another image now and pull is always`)]
    : [];
}

/** A replica may have been made of its image by id; whether it is the right one then is for its build to say. */
function isNamed({ role, image }: ContainerTemplate, { config }: ObservedContainer): boolean {
  return config.image === image || (role === 'service' && config.image === config.imageId);
}

function identityDifferences(
  template: ContainerTemplate,
  container: ObservedContainer,
  image: ObservedImage,
): Difference[] {
  const { config } = container;
  const moved = imageMoved(container, image);
  const env = mapDifference(template.env, config.env, moved ? undefined : (key) => key in image.env);
  const labels = mapDifference(template.labels, config.labels, (key) => !OWN_LABELS.has(key));
  const command = template.command ?? (moved ? config.command : image.command);
  const entrypoint = template.entrypoint ?? (moved ? config.entrypoint : image.entrypoint);
  return [
    ...env.map((key) => recreate(`environment variable ${key} is not as applied`)),
    ...labels.map((key) => recreate(`label ${key} is not as applied`)),
    ...unequal('command', command, config.command),
    ...unequal('entry point', entrypoint, config.entrypoint),
    ...unequal('user', template.user, config.user),
    ...unequal('mounts', sortedMounts(template.mounts), sortedMounts(config.mounts)),
    ...unequal('published ports', sortedPorts(template.publish), sortedPorts(config.publish)),
  ];
}

/** Keys whose value differs, is missing, or was added by nobody that we know. */
function mapDifference(
  wanted: Readonly<Record<string, string>>,
  actual: Readonly<Record<string, string>>,
  mayBeExtra: ((key: string) => boolean) | undefined,
): string[] {
  const changed = Object.keys(wanted).filter((key) => actual[key] !== wanted[key]);
  const extra =
    mayBeExtra === undefined ? [] : Object.keys(actual).filter((key) => !(key in wanted) && !mayBeExtra(key));
  return [...changed, ...extra].sort();
}

function securityDifferences(template: ContainerTemplate, { config }: ObservedContainer): Difference[] {
  return [
    ...unequal('privileged mode', false, config.privileged),
    ...unequal('dropped capabilities', ['ALL'], config.capDrop),
    ...unequal('added capabilities', [...template.capAdd].sort(), [...config.capAdd].sort()),
    ...unequal(
      'security options',
      true,
      config.securityOpt.some((option) => option.startsWith('no-new-privileges')),
    ),
    ...unequal('read-only file system', template.readOnly, config.readOnly),
    ...unequal('tmpfs mounts', [...template.tmpfs].sort(), [...config.tmpfs].sort()),
  ];
}

function unequal(what: string, wanted: unknown, actual: unknown): Difference[] {
  const verb = what.endsWith('s') ? 'are' : 'is';
  return same(wanted, actual) ? [] : [recreate(`its ${what} ${verb} not as applied`)];
}

function recreate(words: string): Difference {
  return { heal: 'recreate', drift: 'changed', words };
}

function sortedMounts(mounts: readonly MountSpec[]): readonly MountSpec[] {
  return [...mounts].sort((a, b) => (a.target < b.target ? -1 : 1));
}

function sortedPorts(ports: readonly PublishedPort[]): readonly PublishedPort[] {
  return [...ports].sort((a, b) => a.container - b.container);
}
