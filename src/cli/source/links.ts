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
  await refuseOwnFiles(paths);
  const manifest = join(sourceDir(paths), 'current', path);
  await link(paths.manifest, manifest);
  await link(policiesLink(paths), join(dirname(manifest), 'policies'));
}

/** Throws where a person's own file is in the way of a link. */
export async function refuseOwnFiles(paths: StackPaths): Promise<void> {
  for (const at of [paths.manifest, policiesLink(paths)]) await refuseOwnFile(at, paths);
}

function policiesLink({ manifest }: StackPaths): string {
  return join(dirname(manifest), 'policies');
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

async function link(at: string, to: string): Promise<void> {
  const aside = `${at}~`;
  await rm(aside, { force: true });
  await symlink(relative(dirname(at), to), aside);
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
