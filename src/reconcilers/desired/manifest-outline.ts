/** What of a manifest can be looked for on a machine, even while the manifest still has errors: images, ports, the name. */
import type { ManifestResult } from './load-manifest.js';
import { loadManifest, readTree } from './load-manifest.js';
import { rewriteDialects } from './dialects.js';
import { DEFAULT_POLICY_IMAGE, DEFAULT_POLICY_PORT } from './manifest-schema.js';
import { serviceNodes } from './manifest-services.js';
import { mapAt, scalarAt, type MapNode } from './manifest-tree.js';
import { ProblemLog } from './problem-log.js';
import { stackNameOf } from './stack-name.js';
import type { PullPolicy, StackSpec } from './stack-spec.js';

/** What could not be read is absent. */
export interface ManifestOutline {
  readonly name?: string;
  readonly images: readonly WantedImage[];
  readonly proxyPort?: number;
  readonly policyPort?: number;
  readonly policyImage: string;
  /** As the manifest names it. */
  readonly policiesDir?: string;
}

export interface WantedImage {
  /** `nginx`, `opa`, or the service. */
  readonly wantedBy: string;
  readonly reference: string;
  readonly pull: PullPolicy;
}

/** The manifest, and its outline, which a text that is no YAML does not have. */
export function loadWithOutline(
  bytes: Uint8Array,
  file: string,
): { readonly result: ManifestResult; readonly outline?: ManifestOutline } {
  const result = loadManifest(bytes, file);
  if (result.ok) return { result, outline: outlineOf(result.stack) };
  const unheard = new ProblemLog(file);
  const tree = readTree(bytes, unheard);
  if (tree === undefined) return { result };
  rewriteDialects(tree, unheard);
  return { result, outline: outlineOfTree(tree) };
}

export function outlineOf({ name, proxy, policyEngine, services }: StackSpec): ManifestOutline {
  const { policiesDir } = policyEngine;
  return {
    name,
    images: [
      { wantedBy: 'nginx', reference: proxy.image, pull: proxy.pull },
      { wantedBy: 'opa', reference: policyEngine.image, pull: policyEngine.pull },
      ...services.map((service) => ({
        wantedBy: service.name,
        reference: service.container.image,
        pull: service.pull,
      })),
    ],
    proxyPort: proxy.port,
    policyPort: policyEngine.port,
    policyImage: policyEngine.image,
    ...(policiesDir === undefined ? {} : { policiesDir }),
  };
}

function outlineOfTree(tree: MapNode): ManifestOutline {
  const [nginx, opa] = [mapAt(tree, 'nginx'), mapAt(tree, 'opa')];
  const images = [
    ...imageOf('nginx', nginx),
    ...imageOf('opa', opa, DEFAULT_POLICY_IMAGE),
    ...serviceNodes(tree).flatMap(({ name, node }) => imageOf(name, node)),
  ];
  return {
    ...optional('name', plausible(stackNameOf(tree), NAME)),
    images,
    ...optional('proxyPort', portOf(nginx)),
    ...optional('policyPort', opa?.entries.has('port') === true ? portOf(opa) : DEFAULT_POLICY_PORT),
    policyImage: images.find(({ wantedBy }) => wantedBy === 'opa')?.reference ?? DEFAULT_POLICY_IMAGE,
    ...optional('policiesDir', textOf(opa, 'policies_dir')),
  };
}

/** What could be no name at all was reported where it is written. */
const IMAGE = /^[\w][\w.\-/:@]*$/;
const NAME = /^[a-zA-Z0-9][\w.-]{0,62}$/;

function plausible(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

function imageOf(wantedBy: string, part: MapNode | undefined, otherwise?: string): WantedImage[] {
  const reference = plausible(part?.entries.has('image') === true ? textOf(part, 'image') : otherwise, IMAGE);
  const pull = scalarAt(part, 'pull')?.value;
  const known = pull === 'always' || pull === 'never' ? pull : 'missing';
  return reference === undefined ? [] : [{ wantedBy, reference, pull: known }];
}

function portOf(part: MapNode | undefined): number | undefined {
  const port = Number(scalarAt(part, 'port')?.value ?? Number.NaN);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function textOf(part: MapNode | undefined, key: string): string | undefined {
  const value = scalarAt(part, key)?.value;
  return typeof value === 'string' ? value : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
