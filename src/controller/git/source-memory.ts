/** Owns `source.json`: the last good revision, so that a restart without the network goes on with it. */
import { join } from 'node:path';
import { StatusFile } from '../status-file.js';
import { readRef, refText } from './ref.js';
import { plainText, type Deletion, type Revision } from './revision.js';
import { SOURCE_DEFAULTS, type SourceSpec } from './source-spec.js';

/** What lies on disk: the folder is found by the commit. */
export type RememberedRevision = Omit<Revision, 'dir'>;

export interface Remembered {
  readonly revision: RememberedRevision;
  /** The world was as it says. */
  readonly isSettled: boolean;
  /** Of its manifest, by a later commit. */
  readonly deletion?: Deletion | undefined;
}

/** What a repository's notes are about. */
export type Followed = Pick<SourceSpec, 'url' | 'ref' | 'path'>;

/** What the last life followed, by its own notes in `dir`; undefined where there are none. */
export async function followedSource(dir: string): Promise<Followed | undefined> {
  const found = (await new StatusFile(join(dir, 'source.json')).read()) as
    Record<string, unknown> | undefined;
  const [url, ref, path] = [found?.['url'], found?.['ref'], found?.['path']];
  if (typeof url !== 'string' || typeof ref !== 'string' || typeof path !== 'string') return undefined;
  const read = ref === refText(SOURCE_DEFAULTS.ref) ? { ref: SOURCE_DEFAULTS.ref } : readRef(ref);
  return 'problem' in read ? undefined : { url, ref: read.ref, path };
}

export class SourceMemory {
  readonly #file: StatusFile;
  readonly #subject: { readonly url: string; readonly ref: string; readonly path: string };

  constructor(spec: Followed, dir: string) {
    this.#file = new StatusFile(join(dir, 'source.json'), { mode: 0o600 });
    this.#subject = { url: spec.url, ref: refText(spec.ref), path: spec.path };
  }

  async save(
    { commit, ref, author, committedAt, subject, changedPaths, signer }: Revision,
    { isSettled, deletion }: Omit<Remembered, 'revision'>,
  ): Promise<void> {
    const revision = { commit, ref, author, committedAt, subject, changedPaths, signer, isSettled };
    await this.#file.write({ ...this.#subject, revision, ...(deletion !== undefined && { deletion }) });
  }

  /** Undefined where there is none, none that can be believed, or one of another repository, ref or path. */
  async read(): Promise<Remembered | undefined> {
    const found = (await this.#file.read()) as Record<string, unknown> | undefined;
    const { url, ref, path } = this.#subject;
    if (found?.['url'] !== url || found['ref'] !== ref || found['path'] !== path) return undefined;
    const revision = revisionOf(found['revision']);
    if (revision === undefined) return undefined;
    const deletion = revisionOf(found['deletion']);
    return {
      revision,
      isSettled: (found['revision'] as { readonly isSettled?: unknown }).isSettled === true,
      ...(deletion !== undefined && { deletion }),
    };
  }
}

/** Read as carefully as if it were not ours: a person may have edited it. */
function revisionOf(value: unknown): RememberedRevision | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const [commit, ref, author, committedAt, subject] = [
    'commit',
    'ref',
    'author',
    'committedAt',
    'subject',
  ].map((name) => textOf(fields[name]));
  if (commit === undefined || !/^[0-9a-f]{40}$/.test(commit)) return undefined;
  if (ref === undefined || author === undefined || committedAt === undefined || subject === undefined) {
    return undefined;
  }
  const signer = textOf(fields['signer']);
  const changed = fields['changedPaths'];
  const changedPaths = Array.isArray(changed)
    ? changed.filter((path) => typeof path === 'string')
    : undefined;
  return {
    ...{ commit, ref, author, committedAt, subject },
    ...(changedPaths !== undefined && { changedPaths }),
    ...(signer !== undefined && { signer }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? plainText(value) : undefined;
}
