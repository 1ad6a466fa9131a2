/**
 * Owns `status.json`: replaced atomically, and only when its content changes.
 * A reader never sees half a file; it must never be written from anywhere else.
 */

import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './error-code.js';
import { FileMemory } from './file-memory.js';
import { namingFile } from './naming-file.js';
import { syncDirectory } from './sync-directory.js';

/** Why there is no status to read. */
export type StatusProblem =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-json' }
  | { readonly kind: 'not-an-object' }
  | { readonly kind: 'of-another-shape' }
  | { readonly kind: 'unreadable'; readonly code: string };

export interface StatusFileOptions {
  /** Told each time that `read` finds no usable status. */
  readonly onProblem?: (problem: StatusProblem) => void;
  /** What its readers rely on; default: any object will do. */
  readonly isUsable?: (status: object) => boolean;
  /** Permissions of the file; default 0o644. */
  readonly mode?: number;
}

/** The status of one stack on disk; there may be one writer at any time (see the stack lock). */
export class StatusFile {
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #onProblem: (problem: StatusProblem) => void;
  readonly #isUsable: (status: object) => boolean;
  readonly #mode: number;
  /** Every tick asks whether the file is as it should be. */
  readonly #memory = new FileMemory();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: StatusFileOptions = {}) {
    this.#path = path;
    // A fixed name, so that what a crash left behind is found and removed by the next write.
    this.#temporaryPath = join(dirname(path), `.${basename(path)}.tmp`);
    this.#onProblem = options.onProblem ?? (() => undefined);
    this.#isUsable = options.isUsable ?? (() => true);
    this.#mode = options.mode ?? 0o644;
  }

  /** The object in the file; undefined when missing, torn, invalid or unreadable, and then `onProblem` hears why. */
  async read(): Promise<unknown> {
    const parsed = parseStatus(await readText(this.#path));
    if ('problem' in parsed) this.#onProblem(parsed.problem);
    else if (this.#isUsable(parsed.status)) return parsed.status;
    else this.#onProblem({ kind: 'of-another-shape' });
    return undefined;
  }

  /** Replaces the file if `status` differs from what is there; true if it wrote. Rejects with the old file whole (`ENOSPC`, …). */
  write(status: object): Promise<boolean> {
    return this.#inTurn(() => this.#writeIfChanged(textOf(status)));
  }

  /** As `write`, for a status that must not go on being read: on a full disk it makes room for the new one. Then there is the new one, or none. */
  replace(status: object): Promise<boolean> {
    return this.#inTurn(async () => {
      try {
        return await this.#writeIfChanged(textOf(status));
      } catch (error) {
        if (!NO_ROOM.has(errorCode(error))) throw error;
        await rm(this.#path, { force: true });
        return this.#writeIfChanged(textOf(status));
      }
    });
  }

  #inTurn(write: () => Promise<boolean>): Promise<boolean> {
    const written = this.#writing.then(() => namingFile(this.#path, write()));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #writeIfChanged(text: string): Promise<boolean> {
    if (await this.#stands(text)) return false;
    await rm(this.#temporaryPath, { force: true });
    try {
      await writeDurably(this.#temporaryPath, text, this.#mode);
      await rename(this.#temporaryPath, this.#path);
    } catch (error) {
      await rm(this.#temporaryPath, { force: true });
      throw error;
    }
    await syncDirectory(dirname(this.#path));
    return true;
  }

  async #stands(text: string): Promise<boolean> {
    const content = await this.#memory.read(this.#path).catch(() => undefined);
    return content?.equals(Buffer.from(text)) === true;
  }
}

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

function textOf(status: object): string {
  return `${JSON.stringify(status, null, 2)}\n`;
}

type Text = { readonly text: string } | { readonly problem: StatusProblem };

async function readText(path: string): Promise<Text> {
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    const code = errorCode(error);
    return { problem: code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unreadable', code } };
  }
}

function parseStatus(read: Text): { readonly status: object } | { readonly problem: StatusProblem } {
  if ('problem' in read) return read;
  try {
    const status: unknown = JSON.parse(read.text);
    const isObject = typeof status === 'object' && status !== null && !Array.isArray(status);
    return isObject ? { status } : { problem: { kind: 'not-an-object' } };
  } catch {
    return { problem: { kind: 'not-json' } };
  }
}

/** `wx`: a link that somebody planted under this name is not followed. */
async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
