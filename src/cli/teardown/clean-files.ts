/** The files that a stack's commands generate. Only known names are removed: a directory may hold what is not ours. */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { GENERATED_ENTRIES } from '../../reconcilers/render/stack-files.js';
import type { StackPaths } from '../basics/paths.js';

/** Each with what a crash left of its next version. */
const WRITTEN_ASIDE = [
  'state.json',
  'tokens.json',
  'traffic.json',
  'opa-capabilities.json',
  'override.json',
  'retry.json',
  'suspend.json',
  'suspended.json',
];
const STATE_FILES = [
  ...WRITTEN_ASIDE.flatMap((name) => [name, `.${name}.tmp`]),
  'policies',
  'reconcile',
  'source',
];

/** What there is to remove, as a person would name it. */
export async function presentFiles(paths: StackPaths): Promise<readonly string[]> {
  const found = await Promise.all(
    generatedPaths(paths).map(async (path) => ((await exists(path)) ? [path] : [])),
  );
  return found.flat().map((path) => relative(dirname(paths.manifest), path));
}

/** What a teardown leaves beside the manifest, each by the name that a person sees. */
export interface KeptFiles {
  readonly history: boolean;
  readonly status: boolean;
  readonly state: boolean;
}

export async function keptFiles({ history, status, stateDir }: StackPaths): Promise<KeptFiles> {
  const [hasHistory, hasStatus, hasState] = await Promise.all([history, status, stateDir].map(exists));
  return { history: hasHistory === true, status: hasStatus === true, state: hasState === true };
}

/** Removes them, and their directories where nothing else is in them; returns what was removed. */
export async function removeFiles(paths: StackPaths): Promise<readonly string[]> {
  const present = await presentFiles(paths);
  for (const path of generatedPaths(paths)) await rm(path, { recursive: true, force: true });
  for (const directory of [paths.stateDir, paths.generated]) await removeIfEmpty(directory);
  return present;
}

function generatedPaths({ status, stateDir, generated }: StackPaths): string[] {
  return [
    status,
    ...STATE_FILES.map((name) => join(stateDir, name)),
    ...GENERATED_ENTRIES.map((name) => join(generated, name)),
  ];
}

/** A file system that is mounted there is its owner's to take away. */
async function removeIfEmpty(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length === 0) await rmdir(directory);
  } catch (error) {
    if (!['ENOENT', 'EBUSY'].includes(errorCode(error))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
