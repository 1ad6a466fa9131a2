/** What a recipe is: how to make, on this machine, an image that stands in for one that cannot be pulled. */
import type { Report } from '../../../scripts/stage.mjs';
import type { ImageContext } from '../image-build.js';
import type { ImageReference } from '../../reconcilers/desired/image-reference.js';

export interface ImageRecipe {
  /** Whether this recipe makes the image of that name. */
  readonly makes: (reference: ImageReference) => boolean;
  /** False for an image that exists nowhere but here: a stranger's image of that name is never pulled. */
  readonly mayPull: boolean;
  /** Images that must be there before this one is built. */
  readonly needs: readonly string[];
  /** Digest of the sources: an image of ours that carries another one is built again. Absent: never stale. */
  readonly sourceHash?: () => Promise<string>;
  /** Fills `directory`, an empty one that is removed afterwards, or names another. */
  readonly prepare: (directory: string, reference: ImageReference, report: Report) => Promise<ImageContext>;
}
