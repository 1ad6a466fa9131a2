/** A git source for a stack that runs, followed until it is closed. */
import { readFile } from 'node:fs/promises';
import { GitSource } from '../../controller/git/git-source.js';
import type { SourceSpec } from '../../controller/git/source-spec.js';
import { Webhook } from '../../controller/git/webhook.js';
import type { HookHandler } from '../../controller/http-listener.js';
import type { StackSource } from '../../reconcilers/stack-source.js';
import { lockFolder } from '../basics/lock.js';
import type { CommonOptions, StackPaths } from '../basics/paths.js';
import { Doorbell } from '../loop/doorbell.js';
import { gitStackSource } from './git-stack-source.js';
import { linkSource, refuseOwnFiles, sourceDir } from './links.js';

export interface OpenSource {
  readonly git: GitSource;
  readonly stackSource: StackSource;
  /** Rung when there is something new. */
  readonly bell: Doorbell;
  /** Takes the forge's deliveries; absent without a secret. */
  readonly hooks?: HookHandler;
  /** Where there is a revision: has the manifest and its policies found where others have theirs. */
  link(): Promise<void>;
  /** Follows no more, and leaves the folder to others. */
  close(): Promise<void>;
}

/** Nothing is looked at yet. Throws where another process follows git into the same folder, or a person's own file is there. */
export async function openSource(
  spec: SourceSpec,
  options: CommonOptions,
  paths: StackPaths,
): Promise<OpenSource> {
  const lock = await lockFolder(paths);
  await refuseOwnFiles(paths);
  const bell = new Doorbell();
  const git: GitSource = new GitSource({
    spec,
    dir: sourceDir(paths),
    onChange: () => bell.ring(),
    inUse: () => stackSource.revision()?.commit,
  });
  const stackSource = gitStackSource(git, spec.path, options);
  const close = async () => {
    await git.stop();
    await lock.release();
  };
  const link = () => linkSource(paths, spec.path);
  return { git, stackSource, bell, link, close, ...hooksOf(spec, git) };
}

function hooksOf({ webhook }: SourceSpec, git: GitSource): Pick<OpenSource, 'hooks'> {
  if (webhook === undefined) return {};
  const secret = () => readFile(webhook.secretFile, 'utf8');
  return { hooks: new Webhook({ secret, onHook: () => void git.look() }) };
}
