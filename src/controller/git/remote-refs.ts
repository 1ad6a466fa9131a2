/** What a server says it has (`git ls-remote`), and which of it is followed. Pure. */
import { parse, rcompare, satisfies } from 'semver';
import { refText, type SourceRef } from './ref.js';
import { SourceError } from './source-error.js';

export interface RemoteRefs {
  /** Full name to object; `refs/tags/v1^{}` is the commit of the annotated tag `refs/tags/v1`. */
  readonly objects: ReadonlyMap<string, string>;
  /** What HEAD stands for, `refs/heads/main`. */
  readonly head?: string;
}

/** What is to be fetched. A ref: where it points now. A commit: what of it is known. */
export type Target =
  | {
      readonly kind: 'ref';
      readonly remote: string;
      /** As people call it. */
      readonly shown: string;
      readonly commit: string;
      /** What the ref itself names: the commit, or an annotated tag. */
      readonly object: string;
      /** The tag's short name, where it is one. */
      readonly tag?: string;
    }
  | { readonly kind: 'commit'; readonly commit: string };

const HEADS = 'refs/heads/';
const TAGS = 'refs/tags/';
const COMMIT = /^[0-9a-f]{7,40}$/;

/** What to ask the server for: a server of protocol 2 sends no more than this. */
export function refPatterns(ref: SourceRef): string[] {
  if (ref.kind === 'default') return ['HEAD'];
  if (ref.kind === 'semver') return [`${TAGS}*`];
  return candidates(ref.name).flatMap((name) => (name.startsWith(TAGS) ? [name, `${name}^{}`] : [name]));
}

/** Reads the output of `git ls-remote --symref`. */
export function parseRefs(output: string): RemoteRefs {
  const rows = output.split('\n').map((line) => line.split('\t'));
  const head = rows.find(([what, name]) => name === 'HEAD' && what?.startsWith('ref: '))?.[0]?.slice(5);
  const objects = rows.filter(([object, name]) => name !== undefined && /^[0-9a-f]{40}$/.test(object ?? ''));
  return {
    objects: new Map(objects.map(([object = '', name = '']) => [name, object])),
    ...(head !== undefined && { head }),
  };
}

/** What `ref` is now, undefined if the server has no such thing. */
export function chooseTarget(ref: SourceRef, refs: RemoteRefs): Target | undefined {
  if (ref.kind === 'default') return headTarget(refs);
  if (ref.kind === 'semver') return newestTag(ref.range, refs);
  const found = candidates(ref.name).find((name) => refs.objects.has(name));
  if (found !== undefined) return refTarget(found, ref.name, refs);
  return COMMIT.test(ref.name) ? { kind: 'commit', commit: ref.name } : undefined;
}

/** Why there is nothing to follow; `refs` are all that the server has. */
export function nothingToFollow(ref: SourceRef, refs: RemoteRefs): SourceError {
  const names = [...refs.objects.keys()];
  if (names.length === 0)
    return new SourceError('EmptyRepository', 'the repository has no branch and no tag to follow: push one');
  const branches = names.filter((name) => name.startsWith(HEADS)).map((name) => name.slice(HEADS.length));
  const tags = names.filter((name) => name.startsWith(TAGS) && !name.endsWith('^{}'));
  const there = `there are the branches ${few(branches)} and the tags ${few(tags.map((name) => name.slice(TAGS.length)))}`;
  const what = {
    default: 'HEAD names no branch that exists, say which with #BRANCH',
    name: `there is no branch, tag or commit "${refText(ref)}"`,
    semver: `no tag is a version in "${refText(ref)}"`,
  }[ref.kind];
  return new SourceError('RefNotFound', `${what}; ${there}`);
}

/** A branch before a tag of the same name; `refs/…` says it without doubt. */
function candidates(name: string): string[] {
  return name.startsWith('refs/') ? [name] : [`${HEADS}${name}`, `${TAGS}${name}`];
}

function refTarget(remote: string, shown: string, { objects }: RemoteRefs): Target | undefined {
  const object = objects.get(remote);
  const tag = remote.startsWith(TAGS) ? remote.slice(TAGS.length) : undefined;
  if (object === undefined) return undefined;
  const commit = objects.get(`${remote}^{}`) ?? object;
  return { kind: 'ref', remote, shown, commit, object, ...(tag !== undefined && { tag }) };
}

function headTarget(refs: RemoteRefs): Target | undefined {
  const shown = refs.head?.startsWith(HEADS) === true ? refs.head.slice(HEADS.length) : 'HEAD';
  const commit = refs.objects.get('HEAD');
  return commit === undefined
    ? undefined
    : { kind: 'ref', remote: refs.head ?? 'HEAD', shown, commit, object: commit };
}

/** The highest version in the range; of `v1.2.3` and `1.2.3` the first by name. */
function newestTag(range: string, refs: RemoteRefs): Target | undefined {
  const versions = [...refs.objects.keys()]
    .filter((name) => name.startsWith(TAGS) && !name.endsWith('^{}'))
    .map((name) => ({ tag: name.slice(TAGS.length), version: parse(name.slice(TAGS.length)) }))
    .flatMap(({ tag, version }) => (version !== null && satisfies(version, range) ? [{ tag, version }] : []))
    .sort((a, b) => rcompare(a.version, b.version) || (a.tag < b.tag ? -1 : 1));
  const tag = versions[0]?.tag;
  return tag === undefined ? undefined : refTarget(`${TAGS}${tag}`, tag, refs);
}

function few(names: readonly string[]): string {
  if (names.length === 0) return '(none)';
  const shown = names.slice(0, 5).join(', ');
  return names.length <= 5 ? shown : `${shown}, … (${String(names.length)})`;
}

/** Two targets of one identity lead to the same commit. */
export function identityOf(target: Target): string {
  return target.kind === 'commit' ? target.commit : `${target.remote} ${target.object}`;
}

/** As people call it. */
export function nameOf(target: Target): string {
  return target.kind === 'commit' ? target.commit : target.shown;
}

export function isBranch(target: Target): boolean {
  return target.kind === 'ref' && target.tag === undefined;
}
