/** A person's request to try a version again that failed, in the state directory: left by a command, taken by whoever reconciles. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StatusFile } from '../controller/status-file.js';
import type { Retry } from './plan/memory.js';
import { asObject } from './policy/json-value.js';

export class RetryFile {
  readonly path: string;
  private readonly file: StatusFile;

  constructor(stateDir: string) {
    this.path = join(stateDir, 'retry.json');
    this.file = new StatusFile(this.path, { mode: 0o600 });
  }

  async leave(retry: Retry): Promise<void> {
    await this.file.write(retry);
  }

  /** Undefined when there is none, or none that can be believed. */
  async read(): Promise<Retry | undefined> {
    const { service, attempt } = asObject(await this.file.read()) ?? {};
    return typeof service === 'string' && typeof attempt === 'string' ? { service, attempt } : undefined;
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
