/** A stack that comes from git has links where others have files: every command finds manifest and policies beside the status. */
import { existsSync } from 'node:fs';
import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { CommandError } from '../basics/exit.js';
import type { StackPaths } from '../basics/paths.js';

/** Inside the state directory: what the git source owns. */
export function sourceDir({ stateDir }: Pick<StackPaths, 'stateDir'>): string {
  return join(stateDir, 'source');
}

/** `path`: of the manifest in the repository. Throws, and changes nothing, where a person's own file is in the way. */
export async function linkSource(paths: StackPaths, path: string): Promise<void> {
  const manifest = join(sourceDir(paths), 'current', path);
  const links = [
    { at: paths.manifest, to: manifest },
    { at: join(dirname(paths.manifest), 'policies'), to: join(dirname(manifest), 'policies') },
  ];
  for (const { at } of links) await refuseOwnFile(at, paths);
  for (const { at, to } of links) await link(at, relative(dirname(at), to));
}

async function refuseOwnFile(at: string, paths: StackPaths): Promise<void> {
  if (await leadsInside(at, sourceDir(paths))) return;
  const isThere = await lstat(at).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new CommandError(
      `${at} is here already, and would come from git: start from an empty folder, or move it away. Nothing was changed.`,
    );
}

async function link(at: string, target: string): Promise<void> {
  const aside = `${at}~`;
  await rm(aside, { force: true });
  await symlink(target, aside);
  await rename(aside, at);
}

/** Whether the manifest is a link into the git source: nobody edits what the next commit replaces. */
export function comesFromGit(paths: StackPaths): Promise<boolean> {
  return leadsInside(paths.manifest, sourceDir(paths));
}

/** For commands that edit the manifest: throws before they do. */
export async function refuseGitManifest(paths: StackPaths): Promise<void> {
  if (await comesFromGit(paths))
    throw new CommandError(
      `${paths.manifest} comes from git: make the change there, commit and push (promote has --write-back). Nothing was changed.`,
    );
}

/** For commands that can do nothing without the manifest: throws where git has none, so that nobody takes that for a mistake in it, nor the last good one for it. */
export async function refuseDeleted(paths: StackPaths): Promise<void> {
  if (!(await comesFromGit(paths)) || existsSync(paths.manifest)) return;
  throw new CommandError(
    `${paths.manifest} comes from git, which has none now: bring it back there, commit and push. Nothing was changed.`,
  );
}

async function leadsInside(at: string, folder: string): Promise<boolean> {
  const target = await readlink(at).catch(() => undefined);
  return target !== undefined && join(dirname(at), target).startsWith(folder + sep);
}
