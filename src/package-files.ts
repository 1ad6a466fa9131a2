/** Where the files are that come with this program and are not code: schemas, policies, the workload. It knows none of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Both this file's folder and the build's, dist/, stand in the package's root: scripts/build.mjs keeps dist/ flat.
const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Absolute; `name` counts from the package's root. */
export function packageFile(name: string): string {
  return join(PACKAGE_ROOT, name);
}

/** What such a file says; the caller knows its form. */
export function readPackageJson(name: string): unknown {
  return JSON.parse(readFileSync(packageFile(name), 'utf8'));
}
