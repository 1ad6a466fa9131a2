/**
 * docker-compose.yml: what the manifest says, as it runs without this project. Containers are made from the controller's own templates,
 * so the two cannot differ; networks and volumes keep their names, so data stays where it is.
 */
import { stringify } from 'yaml';
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { ObservedImage } from '../observed/world.js';
import type { ContainerTemplate } from '../plan/container-template.js';
import { goalsOf } from '../plan/goals.js';
import { policyNetworkName, volumeNames } from '../plan/names.js';
import { policyTemplate, PROXY_PORT, proxyTemplate, serviceTemplate } from '../plan/templates.js';
import { BUNDLE_DIR, openOpaServerArgs } from '../policy/policy-bundle.js';
import { CONFIG_PATH } from '../proxy/proxy-files.js';
import { composeService, type ComposeService } from './compose-service.js';
import { WRITTEN_BY } from './written-by.js';

/** Beside the Compose file. */
export const NGINX_FILE = 'nginx.conf';
export const OPA_FOLDER = 'opa';

/** What is taken for an image that nobody could look at: it names no user, so ours replaces root. */
const UNKNOWN_IMAGE: ObservedImage = { id: '', user: '', env: {}, command: [], entrypoint: [] };

const HEADER = `${WRITTEN_BY} Change the manifest and render again: edits here are lost.
# It runs the stack without swiftdeploy: "swiftdeploy teardown" first, then "docker compose up -d" in this folder.
# Of volumes that are there already Compose warns that it did not make them; it uses them as they are, with their data.
# The manifest's environment values stand here as they are: keep it as private as the manifest.
`;

/** `images`: facts about the services' images, by reference, as far as they are known. */
export function composeFile(stack: StackSpec, images: ReadonlyMap<string, ObservedImage>): string {
  const document = {
    name: projectName(stack.name),
    services: servicesOf(stack, images),
    networks: networksOf(stack),
    ...volumesOf(stack),
  };
  // Compose's parser is of YAML 1.1's school: what it would take for a boolean is quoted.
  return (
    HEADER + stringify(escaped(document), { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false })
  );
}

function servicesOf(stack: StackSpec, images: ReadonlyMap<string, ObservedImage>) {
  const taken = stack.services.flatMap(({ name, container }) => [name, ...container.aliases]);
  const [nginx, opa] = [freeName('nginx', taken), freeName('opa', taken)];
  return {
    ...Object.fromEntries(stack.services.map((spec) => [spec.name, workload(stack, spec, images)])),
    [nginx]: composeService(publicProxy(stack), {
      name: nginx,
      generated: { source: `./${NGINX_FILE}`, target: CONFIG_PATH },
    }),
    [opa]: composeService(policyEngine(stack), {
      name: opa,
      generated: { source: `./${OPA_FOLDER}`, target: BUNDLE_DIR },
    }),
  };
}

/** As its first deploy would be: the manifest knows nothing of earlier versions. */
function workload(
  stack: StackSpec,
  spec: ServiceSpec,
  images: ReadonlyMap<string, ObservedImage>,
): ComposeService {
  const [goal] = goalsOf(spec, {});
  if (goal === undefined) throw new Error(`service ${spec.name} has no goal`);
  const image = images.get(spec.container.image) ?? UNKNOWN_IMAGE;
  const replicas = spec.replicas === 1 ? {} : { replicas: spec.replicas };
  return composeService(serviceTemplate(stack, goal, 1, image), { name: spec.name, ...replicas });
}

/** Without the controller's own listener: nobody would ask it. */
function publicProxy(stack: StackSpec): ContainerTemplate {
  const template = proxyTemplate(stack);
  return { ...template, publish: template.publish.filter(({ container }) => container === PROXY_PORT) };
}

/** Its image's own user does not matter: it owns no data. */
function policyEngine(stack: StackSpec): ContainerTemplate {
  const runtime = { revision: '', digest: '', command: openOpaServerArgs() };
  return policyTemplate(stack, runtime, UNKNOWN_IMAGE);
}

function networksOf({ name, network }: StackSpec) {
  const policy = policyNetworkName(name);
  return {
    [network.name]: { name: network.name, driver: network.driver },
    [policy]: { name: policy, driver: 'bridge' },
  };
}

/** Not `external`: on a machine that never saw the stack, Compose makes them; where they are, it uses them as they are. */
function volumesOf(stack: StackSpec) {
  const names = volumeNames(stack);
  return names.length === 0 ? {} : { volumes: Object.fromEntries(names.map((name) => [name, { name }])) };
}

/** Compose takes lower-case letters, digits, `-` and `_`, a letter or digit first. */
function projectName(stack: string): string {
  return stack.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '-');
}

function freeName(wanted: string, taken: readonly string[]): string {
  const isTaken = taken.some((name) => name.toLowerCase() === wanted);
  return isTaken ? freeName(`swiftdeploy-${wanted}`, taken) : wanted;
}

/** Compose replaces `$NAME` in every value. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, escaped(child)]));
}
