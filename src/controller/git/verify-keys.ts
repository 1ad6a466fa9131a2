/** The keys that the host trusts, as they lie in its folder now: never from a repository, never from a user's own keyring. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSigners, type SshSigners } from './verify-signers.js';

export interface TrustedKeys {
  readonly dir: string;
  /** `*.pub` and `allowed_signers`. */
  readonly ssh: SshSigners;
  /** `revoked`: a key revocation list of OpenSSH, or public keys. */
  readonly revoked?: string;
  /** Paths of `*.asc` and `*.gpg`. */
  readonly gpg: readonly string[];
}

/** Undefined where there is no folder, none that can be read, or no key in it. */
export async function readTrustedKeys(dir: string, nowMs: number): Promise<TrustedKeys | undefined> {
  const names = await namesIn(dir);
  const gpg = names.filter((name) => /\.(?:asc|gpg)$/.test(name)).map((name) => join(dir, name));
  const ssh = joined(
    await Promise.all(
      names
        .filter((name) => name === 'allowed_signers' || name.endsWith('.pub'))
        .map(async (name) => parseSigners(await textOf(join(dir, name)), principalOf(name), nowMs)),
    ),
  );
  if (gpg.length + ssh.valid.length + ssh.outdated.length === 0) return undefined;
  return { dir, ssh, gpg, ...(names.includes('revoked') ? { revoked: join(dir, 'revoked') } : {}) };
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch {
    return [];
  }
}

/** What cannot be read trusts nobody. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

/** `ann` of `ann.pub`; what would be a pattern or a list in `allowed_signers` is spelt otherwise. */
function principalOf(name: string): string {
  return name.replace(/\.pub$/, '').replaceAll(/[^\p{L}\p{N}@._+-]/gu, '_') || '_';
}

function joined(all: readonly SshSigners[]): SshSigners {
  return {
    valid: all.flatMap(({ valid }) => valid),
    outdated: all.flatMap(({ outdated }) => outdated),
  };
}
