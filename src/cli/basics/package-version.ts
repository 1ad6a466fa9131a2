/** The version of this program, from package.json. */
import { readPackageJson } from '../../package-files.js';

export const { version: VERSION } = readPackageJson('package.json') as {
  readonly version: string;
};
