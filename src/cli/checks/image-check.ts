/** Whether the images of a stack can be had: on the engine, or, where the manifest lets it pull, in a registry that answers. Nothing is pulled. */
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
      `${buildWords(reference)}, or remove "pull: never"`,
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
    `correct the name, or ${buildWords(reference)}`,
  );
}

function buildWords(reference: string): string {
  return `build it (docker build -t ${reference} DIRECTORY), or load it (docker load -i FILE)`;
}
