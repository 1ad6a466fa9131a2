/** Finds the object whose signature counts: the commit itself, or the annotated tag that really names and points to it. */

import { refused, type Refusal } from './verify-result.js';
import type { VerifyPrograms } from './verify-programs.js';

export type SignatureKind = 'ssh' | 'openpgp' | 'x509';

export interface SignedObject {
  readonly ok: true;
  readonly command: 'verify-commit' | 'verify-tag';
  readonly id: string;
  readonly kind: SignatureKind;
  /** `commit 1a2b3c4d5e6f`, `tag v1.2.0`. */
  readonly name: string;
}

export interface VerifyTarget {
  readonly commit: string;
  /** Its name without `refs/tags/`. */
  readonly tag?: string;
}

/** What a person writes into a commit or a tag is less. */
const MAX_OBJECT_BYTES = 1024 * 1024;

const ARMOURS: readonly (readonly [string, SignatureKind])[] = [
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN PGP MESSAGE-----', 'openpgp'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
];

/** Rejects where the repository does not have the commit. */
export async function signedCommit(
  programs: VerifyPrograms,
  { commit }: VerifyTarget,
): Promise<SignedObject | Refusal> {
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) throw new Error(`not the id of a commit: ${commit}`);
  const name = `commit ${commit.slice(0, 12)}`;
  const content = await contentOf(programs, 'commit', commit);
  if (content === undefined) return tooLarge(name);
  const [headers = ''] = content.split('\n\n', 1);
  const kind = kindOf(/^gpgsig(?:-sha256)? (.*)$/m.exec(headers)?.[1] ?? '');
  if (kind === undefined)
    return refused(
      'Unsigned',
      `${name} is not signed: sign it (git commit -S) with a key that is trusted here`,
    );
  return { ok: true, command: 'verify-commit', id: commit, kind, name };
}

/** A tag that is signed counts for the name and the commit that the signature covers, and for no other. */
export async function signedTag(
  programs: VerifyPrograms,
  { commit, tag }: VerifyTarget,
): Promise<SignedObject | Refusal> {
  if (tag === undefined)
    return refused(
      'Unsigned',
      `commit ${commit.slice(0, 12)} was not reached by a tag: with verify mode tag, follow tags that are signed (git tag -s)`,
    );
  const name = `tag ${tag}`;
  const id = await objectOf(programs, `refs/tags/${tag}`);
  if (id === undefined || (await typeOf(programs, id)) !== 'tag')
    return refused(
      'Unsigned',
      `${name} is no annotated tag, so nothing in it can be signed: make a signed one (git tag -s)`,
    );
  const content = await contentOf(programs, 'tag', id);
  if (content === undefined) return tooLarge(name);
  const kind = kindOfTag(content);
  if (kind === undefined)
    return refused(
      'Unsigned',
      `${name} is not signed: make a signed one (git tag -s) with a key that is trusted here`,
    );
  const isFor = (await objectOf(programs, `${id}^{commit}`)) === commit && tagNameIn(content) === tag;
  if (!isFor)
    return refused(
      'BadSignature',
      `what is served as ${name} was signed as another tag or for another commit: look at who can write to the repository`,
    );
  return { ok: true, command: 'verify-tag', id, kind, name };
}

function tooLarge(name: string): Refusal {
  return refused(
    'BadSignature',
    `${name} is larger than 1 MiB, and its signature is not looked at: write a shorter message`,
  );
}

/** Undefined when it is too large to be read. */
async function contentOf(
  programs: VerifyPrograms,
  type: 'commit' | 'tag',
  id: string,
): Promise<string | undefined> {
  const size = Number((await succeed(programs, ['cat-file', '-s', id])).trim());
  return size > MAX_OBJECT_BYTES ? undefined : succeed(programs, ['cat-file', type, id]);
}

async function typeOf(programs: VerifyPrograms, id: string): Promise<string> {
  return (await succeed(programs, ['cat-file', '-t', id])).trim();
}

/** Undefined when there is none. */
async function objectOf(programs: VerifyPrograms, name: string): Promise<string | undefined> {
  const { code, stdout } = await programs.git(['rev-parse', '--verify', '--quiet', name]);
  return code === 0 ? stdout.trim() : undefined;
}

async function succeed(programs: VerifyPrograms, args: readonly string[]): Promise<string> {
  const { code, stdout } = await programs.git(args);
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${String(code)}`);
  return stdout;
}

function tagNameIn(content: string): string | undefined {
  const [headers = ''] = content.split('\n\n', 1);
  return /^tag (.*)$/m.exec(headers)?.[1];
}

function kindOfTag(content: string): SignatureKind | undefined {
  const kinds = content.split('\n').map(kindOf);
  return kinds.findLast((kind) => kind !== undefined);
}

function kindOf(line: string): SignatureKind | undefined {
  return ARMOURS.find(([armour]) => line.startsWith(armour))?.[1];
}
