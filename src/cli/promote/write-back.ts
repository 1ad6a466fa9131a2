/** `promote --write-back`: the one word is changed where the manifest comes from, in a commit of the person who asks. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { followedSource } from '../../controller/git/source-memory.js';
import { SourceError } from '../../controller/git/source-error.js';
import { SOURCE_DEFAULTS, type SourceSpec } from '../../controller/git/source-spec.js';
import {
  writeBack,
  WriteBackLate,
  WriteBackRefused,
  type Author,
  type WrittenBack,
} from '../../controller/git/write-back.js';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';
import { formatProblem } from '../../reconcilers/desired/manifest-problem.js';
import { plainText, shortCommit } from '../../controller/git/revision.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { orAfter } from '../basics/or-after.js';
import type { StackPaths } from '../basics/paths.js';
import type { Session } from '../basics/session.js';
import { paintFor, talk } from '../basics/talk.js';
import { whoAsks } from '../basics/who-asks.js';
import { lookNow, refuseNobody } from '../reconcile.js';
import { comesFromGit, sourceDir } from '../source/links.js';
import { sourceSpec } from '../source/source-options.js';
import { readStatus } from '../status/status-document.js';
import { editMode } from './promote-edit.js';
import type { Promotion } from './sense.js';

export interface WriteBackOptions {
  readonly session: Session;
  readonly stack: string;
  readonly wish: Promotion;
  readonly timeoutMs: number;
}

/** Returns when the controller has taken the commit up; throws in words, and says whether something was pushed. */
export async function promoteInGit({ session, stack, wish, timeoutMs }: WriteBackOptions): Promise<void> {
  const spec = await specToWrite(session.paths);
  await refuseNobody(session, stack);
  const author = await personsName();
  const written = await push(session, spec, { wish, author, timeoutMs });
  sayWritten(written, wish);
  await lookNow({ session, stack, timeoutMs });
  await refuseOtherSource(session.paths, written);
}

/** As source.yaml says, or as the controller was told by `--git`, which takes no credentials. */
async function specToWrite(paths: StackPaths): Promise<SourceSpec> {
  if (!(await comesFromGit(paths)))
    throw new CommandError(
      `${paths.manifest} does not come from git: leave out --write-back. Nothing was changed.`,
    );
  const followed = await followedSource(sourceDir(paths));
  const spec =
    (await sourceSpec({ manifest: paths.manifest }, paths)) ??
    (followed === undefined ? undefined : { ...SOURCE_DEFAULTS, ...followed });
  if (spec === undefined) throw new CommandError('nothing was fetched yet: which repository is not known');
  if (spec.verify === undefined) return spec;
  throw new CommandError(
    'commits must be signed here (verify in source.yaml), and --write-back does not sign: make the change, commit and push. Nothing was changed.',
  );
}

/** Whom git itself would name here: `user.name` and `user.email`, or GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL. */
async function personsName(): Promise<Author> {
  const asked = await promisify(execFile)('git', ['var', 'GIT_AUTHOR_IDENT']).catch(() => undefined);
  const [, name, email] = /^(.+) <(.*)> \d+ [+-]\d+$/m.exec(asked?.stdout ?? '') ?? [];
  if (name !== undefined && email !== undefined) return { name, email };
  throw new CommandError(
    'git does not know who you are: set user.name and user.email (git config --global). Nothing was changed.',
  );
}

interface Change {
  readonly wish: Promotion;
  readonly author: Author;
  readonly timeoutMs: number;
}

async function push(
  { stop }: Session,
  spec: SourceSpec,
  { wish, author, timeoutMs }: Change,
): Promise<WrittenBack> {
  const { service, mode } = wish;
  const message = `Promote ${service}: mode ${mode}\n\nswiftdeploy promote ${mode} --write-back, by ${whoAsks()}.`;
  const signal = orAfter(stop, timeoutMs);
  try {
    return await writeBack({
      spec,
      author,
      message,
      signal,
      edit: (bytes) => edited(bytes, spec.path, wish),
    });
  } catch (error) {
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
    if (error instanceof WriteBackLate) throw new CommandError(error.message);
    if (error instanceof WriteBackRefused || error instanceof SourceError)
      throw new CommandError(`${error.message}. Nothing was pushed.`);
    throw error;
  }
}

/** What the head of the branch says counts, not what is applied here. */
function edited(bytes: Buffer, path: string, wish: Promotion): Buffer | undefined {
  const result = loadManifest(bytes, path);
  if (!result.ok)
    throw new CommandError(
      `${result.problems.map(formatProblem).join('\n')}\nThe branch has a manifest that is not valid. Nothing was pushed.`,
      EXIT.badManifest,
    );
  const edit = editMode(bytes, result.stack, wish);
  if (edit.kind === 'refused') throw new CommandError(`${edit.why}. Nothing was pushed.`);
  return edit.kind === 'edited' ? edit.bytes : undefined;
}

function sayWritten({ branch, commit, isNew }: WrittenBack, { service, mode }: Promotion): void {
  if (!isNew) return talk(`${service} is in mode ${mode} already on ${branch}, at ${shortCommit(commit)}`);
  const pencil = paintFor(process.stderr)('cyan', '✎');
  talk(`${pencil} pushed ${shortCommit(commit)} to ${plainText(branch)}, ${service}: mode ${mode}`);
}

/** What the controller did not take up is not what is waited for. */
async function refuseOtherSource(paths: StackPaths, { commit, branch }: WrittenBack): Promise<void> {
  const read = await readStatus(paths.status);
  if (read.kind !== 'status' || read.status.source?.commit === commit) return;
  const ready = read.status.conditions.find(({ type }) => type === 'SourceReady');
  if (ready?.status === 'True') return talk(`${branch} has moved on since: what is newest there is applied`);
  throw new CommandError(
    `${shortCommit(commit)} is pushed to ${branch}, and the controller has not taken it up: ${ready?.message ?? 'nobody looked'}`,
  );
}
