/**
 * Where a stack's notes live. Who copies a folder copies notes that are another folder's: to go on by them would undo what that
 * one did since. It looks only.
 */
import { stat } from 'node:fs/promises';
import { realPath } from '../probes/host/real-path.js';

export interface NotesHome {
  /** With its links resolved. */
  readonly path: string;
  /** A folder that is moved takes it along; its copy has another. */
  readonly inode: string;
}

export async function homeOf(directory: string): Promise<NotesHome> {
  const [path, { ino }] = await Promise.all([placeOf(directory), stat(directory, { bigint: true })]);
  return { path, inode: String(ino) };
}

/** As it is written where nobody can tell where it leads. */
export async function placeOf(directory: string): Promise<string> {
  return (await realPath(directory)) ?? directory;
}

/** The folder that the notes in `directory` were written in, where it still stands and is another one; a moved one leaves none behind. */
export async function originalOf({ path, inode }: NotesHome, directory: string): Promise<string | undefined> {
  const there = await idOf(path);
  return there?.ino.toString() === inode && (await isOtherFolder(path, directory)) ? path : undefined;
}

/** Whether `one` is there, and not `other` under another name. */
export async function isOtherFolder(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([idOf(one), idOf(other)]);
  if (left === undefined) return false;
  return left.ino !== right?.ino || left.dev !== right.dev;
}

function idOf(path: string) {
  return stat(path, { bigint: true }).catch(() => undefined);
}
