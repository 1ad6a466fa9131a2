/** Finds files that a stack reads and that are only Git LFS pointers: their content is not in the repository. */
import { open, readFile, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { shortCommit } from './revision.js';
import { SourceError } from './source-error.js';

const SIGNATURE = Buffer.from('version https://git-lfs.github.com/spec/');
/** A manifest that is larger is refused later, and by whoever knows manifests. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** Throws for the first of manifest, policies and env files in `dir` that is a pointer. `path`: of the manifest in it. */
export async function refuseLfsPointers(dir: string, path: string, commit: string): Promise<void> {
  for (const file of [path, ...(await policyFiles(dir, path)), ...(await envFiles(dir, path))]) {
    if (!(await isPointer(join(dir, file)))) continue;
    throw new SourceError(
      'LfsPointer',
      `${file} in ${shortCommit(commit)} is a Git LFS pointer, its content is elsewhere: commit it as a plain file (git lfs migrate export)`,
    );
  }
}

async function policyFiles(dir: string, path: string): Promise<string[]> {
  const folder = posix.join(posix.dirname(path), 'policies');
  try {
    const entries = await readdir(join(dir, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  } catch {
    return [];
  }
}

/** Whatever stands under a key `env_file`; a manifest that cannot be read is somebody else's to refuse. */
async function envFiles(dir: string, path: string): Promise<string[]> {
  const bytes = await readFile(join(dir, path));
  if (bytes.length > MAX_MANIFEST_BYTES) return [];
  const found: string[] = [];
  visit(parseDocument(bytes.toString('utf8'), { logLevel: 'silent' }), {
    Pair(_key, { key, value }) {
      if (isScalar(key) && key.value === 'env_file') found.push(...texts(value));
    },
  });
  const inside = found.map((file) => posix.join(posix.dirname(path), file));
  return inside.filter((file) => !posix.isAbsolute(file) && !file.startsWith('..'));
}

function texts(node: unknown): string[] {
  if (isSeq(node)) return node.items.flatMap(texts);
  if (isMap(node)) return texts(node.get('path', true));
  return isScalar(node) && typeof node.value === 'string' ? [node.value] : [];
}

async function isPointer(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const start = Buffer.alloc(SIGNATURE.length);
      await file.read(start, 0, start.length, 0);
      return start.equals(SIGNATURE);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
