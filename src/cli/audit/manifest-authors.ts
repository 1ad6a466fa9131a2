/** Who wrote which manifest, where git knows: bounded in time and size, and never a reason for a report to fail. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';

export interface Commit {
  readonly commit: string;
  readonly author: string;
  /** ISO 8601. */
  readonly committed: string;
  readonly subject: string;
}

/** Commits by the SHA-256 of the manifest that they hold, newest first. */
export type Authors = ReadonlyMap<string, readonly Commit[]>;

const MOST_COMMITS = 500;
const TIMEOUT_MS = 5000;
const MAX_BYTES = 64 * 1024 * 1024;
const [FIELD, RECORD] = ['\x1f', '\x1e'];
const FORMAT = '%H%x1f%an%x1f%cI%x1f%s%x1e';

/** Undefined where git does not know the manifest, is not there, or does not answer in time. */
export async function manifestAuthors(manifest: string): Promise<Authors | undefined> {
  try {
    const log = await git(manifest, [
      'log',
      '-n',
      String(MOST_COMMITS),
      `--format=${FORMAT}`,
      '--',
      name(manifest),
    ]);
    const commits = commitsIn(log.toString('utf8'));
    if (commits.length === 0) return undefined;
    const wanted = commits.map(({ commit }) => `${commit}:${name(manifest)}\n`).join('');
    const blobs = digestsIn(await git(manifest, ['cat-file', '--batch'], wanted));
    return byDigest(commits, blobs);
  } catch {
    return undefined;
  }
}

/** The commit that a manifest came from: the newest before it took effect, else the first one after. */
export function commitOf(authors: Authors, sha256: string, timestamp: string): Commit | undefined {
  const commits = authors.get(sha256) ?? [];
  const at = Date.parse(timestamp);
  return commits.find(({ committed }) => Date.parse(committed) <= at) ?? commits.at(-1);
}

function name(manifest: string): string {
  return `./${basename(manifest)}`;
}

function git(manifest: string, args: readonly string[], input = ''): Promise<Buffer> {
  const options = {
    cwd: dirname(manifest),
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_BYTES,
    encoding: 'buffer' as const,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
  };
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      ['--no-pager', '-c', 'log.showSignature=false', ...args],
      options,
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(error);
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function commitsIn(log: string): readonly Commit[] {
  return log
    .split(RECORD)
    .map((record) => record.trim().split(FIELD))
    .filter((fields) => fields.length === 4)
    .map(([commit = '', author = '', committed = '', subject = '']) => ({
      commit,
      author,
      committed,
      subject,
    }));
}

/** Of `git cat-file --batch`: a head line, the bytes, a line end; `… missing` for what is not there. */
function digestsIn(output: Buffer): readonly (string | undefined)[] {
  const digests: (string | undefined)[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at);
    if (end < 0) break;
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(output.subarray(at, end).toString())?.[1];
    at = end + 1;
    digests.push(size === undefined ? undefined : digest(output.subarray(at, at + Number(size))));
    if (size !== undefined) at += Number(size) + 1;
  }
  return digests;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function byDigest(commits: readonly Commit[], blobs: readonly (string | undefined)[]): Authors {
  const authors = new Map<string, Commit[]>();
  for (const [index, commit] of commits.entries()) {
    const sha256 = blobs[index];
    if (sha256 !== undefined) authors.set(sha256, [...(authors.get(sha256) ?? []), commit]);
  }
  return authors;
}
