/** All recipes, in the order in which they are asked. */
import type { ImageReference } from '../../reconcilers/desired/image-reference.js';
import { nginxRecipe } from './nginx.js';
import { nodeRecipe } from './node.js';
import { opaRecipe } from './opa.js';
import type { ImageRecipe } from './recipe.js';
import { workloadRecipe } from './workload.js';

const RECIPES: readonly ImageRecipe[] = [workloadRecipe, nginxRecipe, opaRecipe, nodeRecipe];

/** The recipe for an image, by its repository's name; undefined when there is none. */
export function recipeFor(reference: ImageReference): ImageRecipe | undefined {
  return RECIPES.find((recipe) => recipe.makes(reference));
}
