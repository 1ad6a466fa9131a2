/** Set-up after the build: an engine that answers and the images that the manifest names. Wiring only. */
import { resolve } from 'node:path';
import type { Docker } from '../reconcilers/docker/dockerode.js';
import { runStage, say } from '../../scripts/stage.mjs';
import { calmDown } from './calm.js';
import { engineClient, engineVersion } from './engine.js';
import { ensureEngine } from './engine-start.js';
import { imageIsPresent, obtainImage, type ImageResult } from './images.js';
import { readManifestNeeds } from './manifest-images.js';

/** What the person is told afterwards. */
export interface SetUpResult {
  readonly port: number;
  readonly manifest: string;
}

/** Runs the stages in order; rejects with the first failure, which names its stage, cause and cure. */
export async function setUp(manifest: string): Promise<SetUpResult> {
  const docker = await engineStage();
  const needs = await readManifestNeeds(manifest);
  const built = await imagesStage(docker, needs.images);
  if (built) await runStage('calm', async (report) => calmDown(report));
  return { port: needs.port, manifest: resolve(manifest) };
}

async function engineStage(): Promise<Docker> {
  let docker: Docker | undefined;
  await runStage('engine', async (report) => {
    const address = await ensureEngine(report);
    docker = engineClient(address);
    return `${await engineVersion(address)} at ${address.describe}`;
  });
  return docker as Docker;
}

/** What is there gets one line for all, what is missing a stage of its own; whether any was missing. */
async function imagesStage(docker: Docker, images: readonly string[]): Promise<boolean> {
  const missing: string[] = [];
  await runStage('images', async () => {
    for (const image of images) if (!(await imageIsPresent(docker, image))) missing.push(image);
    return `${images.length - missing.length} of ${images.length} there`;
  });
  for (const image of missing) await missingImageStage(docker, image);
  return missing.length > 0;
}

async function missingImageStage(docker: Docker, image: string): Promise<void> {
  let result: ImageResult | undefined;
  await runStage(`image ${image}`, async (report) => {
    result = await obtainImage(docker, image, report);
    return result.kind === 'built' ? `built from ${result.madeOf}` : result.kind;
  });
  if (result?.kind === 'absent') say(`! ${result.why}\n  cure: ${result.cure}`);
}
