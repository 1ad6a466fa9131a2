/** What of a repository is followed, as people write it: `main`, `v1.2.3`, a commit, `semver:^1.2`. */
import { validRange } from 'semver';

/** `name`: a branch, a tag or a commit. */
export type SourceRef =
  | { readonly kind: 'default' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'semver'; readonly range: string };

const SEMVER = 'semver:';
/** What git itself refuses in the name of a ref (git-check-ref-format). */
const REFUSED = /\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|^[./-]|[./]$|[\s~^:?*[\\]/;

/** Judges the form only; whether it exists is seen at the first look. */
export function readRef(text: string): { readonly ref: SourceRef } | { readonly problem: string } {
  if (text === '')
    return { problem: 'has nothing after "#": name a branch, a tag, a commit or semver:RANGE' };
  if (text.startsWith(SEMVER)) return readRange(text.slice(SEMVER.length).trim());
  if (REFUSED.test(text) || /[\u0000-\u001f\u007f]/.test(text) || text.length > 250) {
    return { problem: `has a ref that git does not allow (got ${JSON.stringify(text.slice(0, 60))})` };
  }
  return { ref: { kind: 'name', name: text } };
}

/** As people write it. */
export function refText(ref: SourceRef): string {
  if (ref.kind === 'default') return 'the default branch';
  return ref.kind === 'name' ? ref.name : `${SEMVER}${ref.range}`;
}

function readRange(range: string): { readonly ref: SourceRef } | { readonly problem: string } {
  if (range === '' || validRange(range) === null) {
    return {
      problem: `has no range of versions after "semver:" (got ${JSON.stringify(range.slice(0, 60))}), write ^1.2`,
    };
  }
  return { ref: { kind: 'semver', range } };
}
