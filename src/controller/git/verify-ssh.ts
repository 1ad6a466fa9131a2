/** Judges a signature made with an SSH key, by what git makes of it with one list of signers after the other. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustedKeys } from './verify-keys.js';
import type { SignedObject } from './verify-object.js';
import type { VerifyPrograms } from './verify-programs.js';
import { refused, signedBy, type Verification } from './verify-result.js';

/** Of ssh-keygen; without `for …` the key is nobody's. */
const GOOD = /^Good "git" signature (?:for (.+) )?with \S+ key (\S+)$/m;

export async function verifySsh(
  programs: VerifyPrograms,
  object: SignedObject,
  { dir, ssh, revoked }: TrustedKeys,
): Promise<Verification> {
  const check = (signers: readonly string[], without?: string) =>
    look(programs, object, { signers, without });
  const now = await check(ssh.valid, revoked);
  if (now.signer !== undefined) return signedBy(now.signer, now.fingerprint);
  const { name } = object;
  const ever = revoked === undefined ? now : await check(ssh.valid);
  if (ever.signer !== undefined)
    return refused(
      'Revoked',
      `${name} is signed by ${ever.signer} with ${ever.fingerprint}, which ${dir}/revoked takes back (or that file is no list of keys): sign with another key`,
    );
  const once = await check(ssh.outdated);
  if (once.signer !== undefined)
    return refused(
      'Expired',
      `${name} is signed by ${once.signer} with ${once.fingerprint}, which is not valid now (valid-after, valid-before in ${dir}/allowed_signers): sign with another key, or extend its time`,
    );
  if (once.fingerprint !== undefined)
    return refused(
      'UnknownKey',
      `${name} is signed with ${once.fingerprint}, which is no key in ${dir}: add its public key there if you trust it`,
    );
  await programs.requireSshKeygen();
  return refused(
    'BadSignature',
    `the signature of ${name} does not fit its content: sign it again, and look at who can write to the repository`,
  );
}

type Look =
  | { readonly signer: string; readonly fingerprint: string }
  /** The signature fits, but none of the signers made it. */
  | { readonly signer?: undefined; readonly fingerprint: string }
  | { readonly signer?: undefined; readonly fingerprint?: undefined };

interface Lists {
  readonly signers: readonly string[];
  /** Path of what is revoked. */
  readonly without?: string | undefined;
}

async function look(
  programs: VerifyPrograms,
  { command, id }: SignedObject,
  { signers, without }: Lists,
): Promise<Look> {
  const allowed = join(programs.home, 'allowed_signers');
  await writeFile(allowed, signers.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const lists = [`gpg.ssh.allowedSignersFile=${allowed}`, `gpg.ssh.revocationFile=${without ?? '/dev/null'}`];
  const { code, stderr } = await programs.git([command, '--raw', id], lists);
  const [, signer, fingerprint] = GOOD.exec(stderr) ?? [];
  if (fingerprint === undefined) return {};
  return code === 0 && signer !== undefined ? { signer, fingerprint } : { fingerprint };
}
