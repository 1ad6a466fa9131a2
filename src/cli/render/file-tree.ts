/** The files below one folder, as values: read to compare, written so that a power cut leaves all of them or none. */
import { chmod, lstat, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { namingFile } from '../../controller/naming-file.js';
import { syncDirectory } from '../../controller/sync-directory.js';
import type { GeneratedFile } from '../../reconcilers/render/stack-files.js';

/** Containers enter these as a user of their own, whatever the umask here is. */
const FOLDER_MODE = 0o755;
const PERMISSIONS = 0o777;

/** Sorted by path; what is neither a file nor a folder counts as a file with nothing in it. Nothing there is no file. */
export async function readTree(root: string, path = ''): Promise<readonly GeneratedFile[]> {
  const stats = await statOf(join(root, path));
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [await fileAt(root, path, stats)];
  const names = (await readdir(join(root, path))).sort();
  const below = await Promise.all(
    names.map((name) => readTree(root, path === '' ? name : `${path}/${name}`)),
  );
  return below.flat();
}

type Stats = NonNullable<Awaited<ReturnType<typeof statOf>>>;

async function fileAt(root: string, path: string, stats: Stats): Promise<GeneratedFile> {
  const content = stats.isFile() ? await readFile(join(root, path)) : Buffer.alloc(0);
  return { path, content, mode: stats.isFile() ? stats.mode & PERMISSIONS : 0 };
}

/** Undefined where nothing is. */
export async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

/** Into a folder that has none of these files. */
export async function writeTree(root: string, files: readonly GeneratedFile[]): Promise<void> {
  const folders = new Set<string>();
  for (const file of files) {
    for (const folder of foldersOf(file.path)) folders.add(folder);
    await mkdir(dirname(join(root, file.path)), { recursive: true });
    await writeNew(join(root, file.path), file);
  }
  for (const folder of folders) {
    await chmod(join(root, folder), FOLDER_MODE);
    await syncDirectory(join(root, folder));
  }
  await syncDirectory(root);
}

/** `a` and `a/b` of `a/b/c`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

export async function writeNew(path: string, { content, mode }: GeneratedFile): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await namingFile(path, file.writeFile(content));
    await file.chmod(mode);
    await namingFile(path, file.sync());
  } finally {
    await file.close();
  }
}

export function sameFile(left: GeneratedFile, right: GeneratedFile): boolean {
  return left.mode === right.mode && left.content.equals(right.content);
}
