/** How a file that `render` wrote begins: by this it is told from a person's own. */
export const WRITTEN_BY = '# Written by swiftdeploy render.';
