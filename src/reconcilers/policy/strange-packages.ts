/** Files that add rules to the domain of another folder: whoever reads that folder does not see what decides. Pure. */
import { packagePlace } from './place-in-file.js';
import type { PolicyFile } from './policy-files.js';
import { PolicySetError } from './policy-set-error.js';
import { packageWords, regoPackage } from './rego-package.js';

/** Throws a `PolicySetError` for the first. What has no folder of its own is a helper, and anybody's. `rego`: without tests, which decide nothing. */
export function refuseStrangers(rego: readonly PolicyFile[]): void {
  const folders = new Set(rego.map(folderOf));
  for (const file of rego) {
    const [folder, domain] = [folderOf(file), domainOf(file)];
    if (folder === '' || domain === undefined || domain === folder || !folders.has(domain)) continue;
    throw new PolicySetError('wrong-package', file.path, sentence(folder, domain), packagePlace(file));
  }
}

function sentence(folder: string, domain: string): string {
  const own = packageWords(['swiftdeploy', folder]);
  return `the package is ${packageWords(['swiftdeploy', domain])}, and its rules would decide for the domain ${domain}: move the file to ${domain}/, or write \`package ${own}\``;
}

/** Empty for a file that lies in none, as older tools keep them. */
function folderOf({ path }: PolicyFile): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

function domainOf({ content }: PolicyFile): string | undefined {
  const name = regoPackage(content.toString('utf8'));
  return name?.length === 2 && name[0] === 'swiftdeploy' ? name[1] : undefined;
}
