/** Brings the images a manifest names onto the engine: what is there stays, what can be pulled is pulled, the rest is built. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Docker } from '../reconcilers/docker/dockerode.js';
import { StageError, type Report } from '../../scripts/stage.mjs';
import { buildImage, LOCAL_BUILD_LABEL, MADE_OF_LABEL, SOURCE_HASH_LABEL } from './image-build.js';
import { pullImage, type PullResult } from './image-pull.js';
import { parseImageReference } from '../reconcilers/desired/image-reference.js';
import { recipeFor } from './recipes/index.js';
import type { ImageRecipe } from './recipes/recipe.js';

/** How an image came to be there; `absent` is a finding, not a failure: the rest of the stack can still run. */
export type ImageResult =
  | { readonly kind: 'pulled' }
  | { readonly kind: 'built'; readonly madeOf: string }
  | { readonly kind: 'absent'; readonly why: string; readonly cure: string };

const ENGINE_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm' };

/** Whether the image is there: one of ours only when it is made of today's sources, anybody else's whenever it is there. */
export async function imageIsPresent(docker: Docker, reference: string): Promise<boolean> {
  const labels = await imageLabels(docker, reference);
  if (labels === undefined) return false;
  const recipe = recipeFor(parseImageReference(reference));
  if (recipe?.sourceHash === undefined || labels[LOCAL_BUILD_LABEL] === undefined) return true;
  return labels[SOURCE_HASH_LABEL] === (await recipe.sourceHash());
}

/** Pulls an image that is not there, or builds it and what it is built from. */
export async function obtainImage(docker: Docker, reference: string, report: Report): Promise<ImageResult> {
  const recipe = recipeFor(parseImageReference(reference));
  const pull = await pullUnlessOurs(docker, reference, recipe, report);
  if (pull.pulled) return { kind: 'pulled' };
  if (recipe === undefined) return absent(reference, pull.why);
  return buildHere(docker, reference, recipe, report);
}

async function imageLabels(docker: Docker, reference: string): Promise<Record<string, string> | undefined> {
  try {
    const { Config } = await docker.getImage(reference).inspect();
    return Config.Labels ?? {};
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

async function pullUnlessOurs(
  docker: Docker,
  reference: string,
  recipe: ImageRecipe | undefined,
  report: Report,
): Promise<PullResult> {
  if (recipe?.mayPull === false) return { pulled: false, why: 'it is made here' };
  return pullImage(docker, reference, report);
}

function absent(reference: string, why: string): ImageResult {
  return {
    kind: 'absent',
    why: `${reference} is not on the engine and cannot be pulled (${why})`,
    cure: `"docker pull ${reference}" where the registry can be reached, or build it under that name`,
  };
}

async function buildHere(
  docker: Docker,
  reference: string,
  recipe: ImageRecipe,
  report: Report,
): Promise<ImageResult> {
  await checkArchitecture(docker, reference);
  for (const needed of recipe.needs) await ensureNeeded(docker, needed, report);
  const directory = await mkdtemp(join(tmpdir(), 'swiftdeploy-image-'));
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  // Ctrl-C ends the process without running `finally`, and a directory can hold half a gigabyte.
  process.once('exit', removeDirectory);
  try {
    const context = await recipe.prepare(directory, parseImageReference(reference), report);
    report(`building ${reference}`);
    await buildImage(docker, reference, context, report);
    return { kind: 'built', madeOf: context.labels[MADE_OF_LABEL] ?? 'local sources' };
  } finally {
    process.removeListener('exit', removeDirectory);
    removeDirectory();
  }
}

async function ensureNeeded(docker: Docker, reference: string, report: Report): Promise<void> {
  if (await imageIsPresent(docker, reference)) return;
  const result = await obtainImage(docker, reference, report);
  if (result.kind === 'absent') throw new StageError(result.why, result.cure);
}

/** Recipes copy programs of this machine, which another kind of machine cannot run. */
async function checkArchitecture(docker: Docker, reference: string): Promise<void> {
  const { Os, Arch } = await docker.version();
  const here = `${platform()}/${ENGINE_ARCHITECTURES[arch()] ?? arch()}`;
  if (here === `${Os}/${Arch}`) return;
  throw new StageError(
    `${reference} cannot be pulled, and an image for ${Os}/${Arch} cannot be made on ${here}`,
    `give the engine access to a registry, or load the image with "docker load"`,
  );
}
