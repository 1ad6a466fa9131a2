/** Labels of images that this project makes. */

/** Carried by every image that was made on this machine in place of a pulled one. */
export const LOCAL_BUILD_LABEL = 'swiftdeploy.local-build';

/** What the image was made of, in words. */
export const MADE_OF_LABEL = 'swiftdeploy.made-of';
