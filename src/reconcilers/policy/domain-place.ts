/** Where in its files a domain is decided, and for which tools it was written. Pure. */
import type { PolicyFile } from './policy-files.js';
import { isTestFile, type PolicySet } from './policy-set.js';
import { regoPackage } from './rego-package.js';

/** The row of its first rule `allow`, else of `decision`; a domain that has no Rego of its own has no place. */
export function domainPlace(
  set: Pick<PolicySet, 'files'>,
  domain: string,
): { readonly file?: string; readonly row?: number } {
  const files = filesOf(set, domain);
  for (const rule of [/^allow\b/m, /^decision\b/m]) {
    const found = files
      .map((file) => ({ file, row: rowOf(file, rule) }))
      .find(({ row }) => row !== undefined);
    if (found?.row !== undefined) return { file: found.file.path, row: found.row };
  }
  return files[0] === undefined ? {} : { file: files[0].path };
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

/** From 1; undefined where nothing matches. */
export function rowOf({ content }: PolicyFile, rule: RegExp): number | undefined {
  const text = content.toString('utf8');
  const index = text.search(rule);
  return index === -1 ? undefined : text.slice(0, index).split('\n').length;
}
