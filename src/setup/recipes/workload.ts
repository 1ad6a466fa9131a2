/** Makes the sample workload's image from workload/; it is made nowhere else, and again whenever its sources change. */
import { runCommand } from '../../../scripts/command.mjs';
import { packageFile } from '../../package-files.js';
import { MADE_OF_LABEL, SOURCE_HASH_LABEL } from '../image-build.js';
import type { ImageRecipe } from './recipe.js';

const DIRECTORY = packageFile('workload');

/** Not part of the image's context; the Dockerfile's users have .dockerignore for the same. */
const IGNORED = ['node_modules'];

export const workloadRecipe: ImageRecipe = {
  makes: (reference) => reference.repository === 'library/swift-deploy-1-node',
  mayPull: false,
  // The default of NODE_IMAGE in workload/Dockerfile.
  needs: ['node:20-slim'],
  sourceHash: bundleWorkload,
  prepare: async (_directory, _reference, report) => {
    report('bundling the workload');
    const labels = { [SOURCE_HASH_LABEL]: await bundleWorkload(), [MADE_OF_LABEL]: 'workload/' };
    return { directory: DIRECTORY, ignore: IGNORED, labels };
  },
};

/** Makes the bundle where it is missing or stale; resolves with the digest of its sources. */
async function bundleWorkload(): Promise<string> {
  const output = await runCommand(process.execPath, ['build.mjs'], { cwd: DIRECTORY, timeoutMs: 300_000 });
  return output.trim();
}
