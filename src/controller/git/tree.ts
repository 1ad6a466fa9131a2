/** The files of one commit as git lists them, and what may not be among them. Pure. */
import { shortCommit } from './revision.js';
import { SourceError } from './source-error.js';

export interface TreeEntry {
  readonly kind: 'file' | 'link' | 'submodule';
  readonly object: string;
  /** Bytes; 0 for a submodule. */
  readonly size: number;
}

/** Path in the repository to entry. */
export type Tree = ReadonlyMap<string, TreeEntry>;
/** Path of each link to where it points, as it is written. */
export type Links = ReadonlyMap<string, string>;

const KINDS: Readonly<Record<string, TreeEntry['kind']>> = { '120000': 'link', '160000': 'submodule' };
/** As Linux has it. */
const MAX_LINKS = 40;

/** Reads the output of `git ls-tree -r -l -z`. */
export function parseTree(output: string): Tree {
  const rows = output.split('\0').filter((row) => row !== '');
  return new Map(
    rows.map((row) => {
      const cut = row.indexOf('\t');
      const [mode = '', , object = '', size = ''] = row.slice(0, cut).split(/ +/);
      return [row.slice(cut + 1), { kind: KINDS[mode] ?? 'file', object, size: Number(size) || 0 }];
    }),
  );
}

/** Throws where a path of the commit could write outside its folder, or where a submodule is that is not wanted. */
export function refuseTree(tree: Tree, commit: string, submodules: boolean): void {
  const where = shortCommit(commit);
  for (const [path, { kind }] of tree) {
    if (
      path.split('/').some((part) => part === '' || part === '.' || part === '..' || /^\.git$/i.test(part))
    ) {
      throw new SourceError('PathRefused', `${where} has the path "${shown(path)}", which is not allowed`);
    }
    if (kind === 'submodule' && !submodules) {
      throw new SourceError(
        'PathRefused',
        `${where} has the submodule "${shown(path)}": say \`submodules: true\` in source.yaml, or remove it`,
      );
    }
  }
}

/** Throws for the first link that leads out of the repository, or nowhere at all. */
export function refuseLinks(tree: Tree, links: Links, commit: string): void {
  for (const [path, target] of links) {
    const end = target.startsWith('/') ? { why: 'is absolute' } : follow(path, tree, links);
    if (!('why' in end)) continue;
    throw new SourceError(
      'PathRefused',
      `${shortCommit(commit)} has the symbolic link "${shown(path)}" to "${shown(target)}", which ${end.why}`,
    );
  }
}

/** Where `path` ends when every link is followed, whether or not something is there; undefined outside, or without end. */
export function resolveInside(path: string, tree: Tree, links: Links): string | undefined {
  const end = follow(path, tree, links);
  return 'why' in end ? undefined : end.path;
}

type LinkEnd = { readonly path: string } | { readonly why: string };

const OUTSIDE: LinkEnd = { why: 'leaves the repository' };
const ENDLESS: LinkEnd = { why: `leads in a circle, or over more than ${String(MAX_LINKS)} links` };

function follow(path: string, tree: Tree, links: Links): LinkEnd {
  let rest = path.split('/');
  let current: string[] = [];
  let followed = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (current.length === 0) return OUTSIDE;
      current = current.slice(0, -1);
      continue;
    }
    current = [...current, part];
    const target = links.get(current.join('/'));
    if (target === undefined || tree.get(current.join('/'))?.kind !== 'link') continue;
    if (target.startsWith('/')) return OUTSIDE;
    if ((followed += 1) > MAX_LINKS) return ENDLESS;
    current = current.slice(0, -1);
    rest = [...target.split('/'), ...rest];
  }
  return { path: current.join('/') };
}

/** Throws unless the commit has the manifest as a file. */
export function requireManifest(path: string, tree: Tree, links: Links, commit: string): void {
  const end = resolveInside(path, tree, links);
  if (end !== undefined && tree.get(end)?.kind === 'file') return;
  throw new SourceError(
    'ManifestMissing',
    `${shortCommit(commit)} has no file ${path}: nothing is removed; put it back, or name another with --path`,
  );
}

/** Nothing at all is at `path`, and nothing on the way to it that is no folder: a link that leads nowhere is a mistake, no deletion. */
export function isAbsent(path: string, tree: Tree): boolean {
  const parts = path.split('/');
  const onTheWay = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
  return (
    !onTheWay.some((folder) => tree.has(folder)) &&
    ![...tree.keys()].some((name) => name.startsWith(`${path}/`))
  );
}

/** Bytes of all files. */
export function treeBytes(tree: Tree): number {
  return [...tree.values()].reduce((sum, { size }) => sum + size, 0);
}

function shown(path: string): string {
  return path.length <= 120 ? path : `${path.slice(0, 119)}…`;
}
