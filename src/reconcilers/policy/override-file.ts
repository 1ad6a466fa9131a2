/** The request for an override in the state directory: for its owner alone, replaced whole, believed only when it is whole. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StatusFile } from '../../controller/status-file.js';
import { asObject } from './json-value.js';
import { shownText, type OverrideRequest } from './override.js';

export class OverrideFile {
  readonly path: string;
  private readonly file: StatusFile;

  constructor(stateDir: string) {
    this.path = join(stateDir, 'override.json');
    this.file = new StatusFile(this.path, { mode: 0o600 });
  }

  async leave(request: OverrideRequest): Promise<void> {
    await this.file.write(request);
  }

  /** Undefined when there is none, or none that can be believed. */
  async read(): Promise<OverrideRequest | undefined> {
    return requestOf(await this.file.read());
  }

  /** Only this one: a newer request stays. */
  async remove({ at, manifestSha256 }: OverrideRequest): Promise<void> {
    const found = await this.read();
    if (found?.at === at && found.manifestSha256 === manifestSha256) await rm(this.path, { force: true });
  }
}

/** Cleaned again: whoever can write the file may have written it by hand. */
function requestOf(value: unknown): OverrideRequest | undefined {
  const { manifestSha256, generation, who, why, at } = asObject(value) ?? {};
  if (typeof manifestSha256 !== 'string' || typeof generation !== 'number') return undefined;
  if (typeof who !== 'string' || typeof why !== 'string' || typeof at !== 'string') return undefined;
  const shown = { who: shownText(who), why: shownText(why), at: shownText(at) };
  return shown.who === '' || shown.why === '' ? undefined : { manifestSha256, generation, ...shown };
}
