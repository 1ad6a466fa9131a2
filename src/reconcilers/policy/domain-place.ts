/** Where in its files a domain is decided, and for which tools it was written. Pure. */
import { packagePlace, placeIn } from './place-in-file.js';
import type { PolicyFile } from './policy-files.js';
import type { PlaceInFile } from './policy-set-error.js';
import { isTestFile, type PolicySet } from './policy-set.js';
import { regoPackage } from './rego-package.js';

/** Of its first rule `allow`, else of `decision`, else of its package; a domain that has no Rego of its own has no place. */
export function domainPlace(
  set: Pick<PolicySet, 'files'>,
  domain: string,
): { readonly file?: string } & Partial<PlaceInFile> {
  const files = filesOf(set, domain);
  for (const rule of [/^allow\b/m, /^decision\b/m]) {
    const found = files.find((file) => placeIn(file, rule) !== undefined);
    if (found !== undefined) return { file: found.path, ...placeIn(found, rule) };
  }
  return files[0] === undefined ? {} : { file: files[0].path, ...packagePlace(files[0]) };
}

const OLDER_NAMES =
  /\binput\.(?:disk_free_gb|cpu_load(?:_1m)?|mem_free_percent|error_rate(?:_percent)?|p99_latency_ms|window_seconds|requests)\b/;

/** It reads the published names at the top of the input, and asks nobody which question it is. */
export function isOfOlderTools(set: Pick<PolicySet, 'files'>, domain: string): boolean {
  const code = filesOf(set, domain)
    .map(({ content }) => content.toString('utf8').replaceAll(/#[^\n]*/g, ''))
    .join('\n');
  return OLDER_NAMES.test(code) && !/\bquestion\b/.test(code);
}

function filesOf({ files }: Pick<PolicySet, 'files'>, domain: string): readonly PolicyFile[] {
  return files.filter(({ path, content }) => {
    if (!path.endsWith('.rego') || isTestFile(path)) return false;
    const name = regoPackage(content.toString('utf8'));
    return name?.[0] === 'swiftdeploy' && name[1] === domain;
  });
}
