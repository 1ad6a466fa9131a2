/** Which git source a command follows: `--git`, or source.yaml in the state directory, or none. */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errorCode } from '../../controller/error-code.js';
import { parseGitOption, type SourceSpec, type SourceSpecResult } from '../../controller/git/source-spec.js';
import { parseSourceFile } from '../../reconcilers/desired/source-file.js';
import { CommandError, EXIT } from '../basics/exit.js';
import type { CommonOptions, StackPaths } from '../basics/paths.js';

export interface SourceOptions extends CommonOptions {
  /** `URL[#ref]`. */
  readonly git?: string;
  /** Of the manifest in the repository. */
  readonly path?: string;
  /** A commit that deletes the manifest removes the stack. */
  readonly prune?: boolean;
}

export function sourceFile({ stateDir }: Pick<StackPaths, 'stateDir'>): string {
  return join(stateDir, 'source.yaml');
}

/** Undefined where nobody names a repository; throws every problem at once. */
export async function sourceSpec(options: SourceOptions, paths: StackPaths): Promise<SourceSpec | undefined> {
  const file = sourceFile(paths);
  const text = await textOf(file);
  if (options.git === undefined && options.path !== undefined) throw bad('--path goes with --git URL');
  if (options.git === undefined && options.prune !== undefined)
    throw bad(`--prune goes with --git URL; in ${file} it is prune: true`);
  if (options.git !== undefined && text !== undefined)
    throw bad(
      `--git and ${file} both name a repository: what is asked of signatures stands in one place only`,
    );
  if (text !== undefined) return specOf(parseSourceFile(text, file));
  return options.git === undefined ? undefined : specOf(parseGitOption(options.git, process.cwd()), options);
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw bad(`${file} cannot be read (${errorCode(error)})`);
  }
}

function specOf(
  result: SourceSpecResult,
  { path, prune }: Pick<SourceOptions, 'path' | 'prune'> = {},
): SourceSpec {
  if (!result.ok) throw bad(result.problems.join('\n'));
  const spec = prune === undefined ? result.spec : { ...result.spec, prune };
  if (path === undefined) return spec;
  const inside = posix.normalize(path);
  if (posix.isAbsolute(inside) || inside.startsWith('..') || inside.endsWith('/'))
    throw bad(`--path must be a file inside the repository (got ${path})`);
  return { ...spec, path: inside };
}

function bad(message: string): CommandError {
  return new CommandError(message, EXIT.badManifest);
}
