/**
 * The policy sets that passed their check, by revision, in the state directory: the last good ones, which survive restarts.
 * A kept set is whole or not there; one that is not what its name says is never given out.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makePrivateSubdirectory } from '../../controller/private-directory.js';
import { namingFile } from '../../controller/naming-file.js';
import { readPolicySet, type PolicySet } from './policy-set.js';

/** Enough to go back to; older ones are deleted. */
const KEPT_SETS = 10;
const REVISION = /^[0-9a-f]{64}$/;

export class PolicyArchive {
  private readonly root: string;
  private readonly read = new Map<string, PolicySet>();

  constructor(stateDir: string) {
    this.root = join(stateDir, 'policies');
  }

  /** Undefined for a set that is not kept, or was damaged. */
  async find(revision: string): Promise<PolicySet | undefined> {
    if (!REVISION.test(revision)) return undefined;
    const known = this.read.get(revision);
    if (known !== undefined) return known;
    const set = await readPolicySet(join(this.root, revision)).catch(() => undefined);
    if (set?.revision !== revision) return undefined;
    this.read.set(revision, set);
    return set;
  }

  /** What was said of a kept set when it passed. */
  async warnings(revision: string): Promise<readonly string[]> {
    const text = await readFile(this.warningsAt(revision), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** Written aside and renamed; the newest of them stay. `warnings`: a line each. */
  async keep(set: PolicySet, warnings: readonly string[]): Promise<void> {
    const target = join(this.root, set.revision);
    const aside = `${target}.tmp`;
    await makePrivateSubdirectory(dirname(this.root));
    await rm(aside, { recursive: true, force: true });
    for (const file of set.files) {
      const path = join(aside, file.path);
      await mkdir(dirname(path), { recursive: true });
      await namingFile(path, writeFile(path, file.content));
    }
    const said = this.warningsAt(set.revision);
    await namingFile(said, writeFile(said, warnings.join('\n')));
    await rm(target, { recursive: true, force: true });
    await rename(aside, target);
    this.read.set(set.revision, set);
    await this.deleteOld(set.revision);
  }

  private warningsAt(revision: string): string {
    return join(this.root, `${revision}.warnings`);
  }

  private async deleteOld(newest: string): Promise<void> {
    const names = (await readdir(this.root)).filter((name) => name !== newest);
    const kept = names.filter((name) => REVISION.test(name));
    const dated = await Promise.all(
      kept.map(async (name) => ({ name, writtenAt: (await stat(join(this.root, name))).mtimeMs })),
    );
    const old = dated.sort((a, b) => b.writtenAt - a.writtenAt).slice(KEPT_SETS - 1);
    // What a crash left half written has no use either.
    const torn = names.filter((name) => name.endsWith('.tmp'));
    for (const name of [...old.map((one) => one.name), ...torn]) {
      await rm(join(this.root, name), { recursive: true, force: true });
      await rm(this.warningsAt(name), { force: true });
      this.read.delete(name);
    }
  }
}
