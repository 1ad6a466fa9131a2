/** Whether the images of a stack can be had: on the engine, or, where the manifest lets it pull, in a registry that answers. Nothing is pulled. */
import { parseImageReference } from '../../reconcilers/desired/image-reference.js';
import type { WantedImage } from '../../reconcilers/desired/manifest-outline.js';
import type { Engine } from '../../reconcilers/docker/engine.js';
import { orAfter } from '../basics/or-after.js';
import { fail, joined, ok, type Finding } from './finding.js';

type Images = Pick<Engine, 'imageOrigin' | 'askRegistry'>;

const REGISTRY_TIMEOUT_MS = 10_000;

export async function lookAtImages(
  engine: Images,
  wanted: readonly WantedImage[],
  signal: AbortSignal,
): Promise<Finding> {
  const patience = orAfter(signal, REGISTRY_TIMEOUT_MS);
  const items = await Promise.all(distinct(wanted).map((image) => lookAtImage(engine, image, patience)));
  const failed = items.filter(({ result }) => result === 'fail').length;
  if (failed > 0) return joined(`${String(failed)} of ${String(items.length)} cannot be had`, items);
  return joined(items.map(({ found }) => found).join(', '), items);
}

/** Each image once; services that share one are named together. */
function distinct(wanted: readonly WantedImage[]): WantedImage[] {
  const byImage = new Map<string, WantedImage>();
  for (const image of wanted) {
    const key = `${image.reference} ${image.pull}`;
    const known = byImage.get(key);
    const wantedBy = known === undefined ? image.wantedBy : `${known.wantedBy}, ${image.wantedBy}`;
    byImage.set(key, { ...image, wantedBy });
  }
  return [...byImage.values()];
}

async function lookAtImage(
  engine: Images,
  { wantedBy, reference, pull }: WantedImage,
  signal: AbortSignal,
): Promise<Finding> {
  const origin = await engine.imageOrigin(reference);
  if (origin !== undefined && pull !== 'always') return ok(`${reference} is here`);
  if (pull === 'never')
    return fail(
      `${wantedBy}: ${reference} is not on the engine, and pull is never`,
      isId(reference) ? waysToGet(reference) : `${waysToGet(reference)}, or remove "pull: never"`,
    );
  const answer = await engine.askRegistry(reference, signal);
  if (answer.kind === 'has it') return ok(`${reference} will be pulled`);
  const said = answer.kind === 'refuses' ? 'its registry refuses it' : 'its registry cannot be asked';
  if (origin !== undefined)
    return fail(
      `${wantedBy}: ${reference} is on the engine, but pull is always and ${said}: ${answer.why}`,
      'write "pull: missing" to use the image that is there',
    );
  return fail(
    `${wantedBy}: ${reference} is not on the engine, and ${said}: ${answer.why}`,
    `correct the name, ${answer.kind === 'refuses' ? '' : "see the engine's network, proxy and mirror settings, "}or ${waysToGet(reference)}`,
  );
}

/** Nothing that is built gets a digest of one's choice, and an archive keeps tags and IDs. */
function waysToGet(reference: string): string {
  if (isId(reference))
    return 'load it (docker load -i FILE), or name a tag: no registry gives an image by its ID';
  if (parseImageReference(reference).digest !== undefined)
    return `pull it from a registry that has it (docker pull ${reference}), or name a tag, which can be built or loaded`;
  return `build it (docker build -t ${reference} DIRECTORY), or load it (docker load -i FILE)`;
}

function isId(reference: string): boolean {
  return parseImageReference(reference).repository === '';
}
