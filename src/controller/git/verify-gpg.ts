/** Judges a signature made with an OpenPGP key, by the status lines of gpg in a home that knows the trusted keys and no other. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustedKeys } from './verify-keys.js';
import type { SignedObject } from './verify-object.js';
import type { VerifyPrograms } from './verify-programs.js';
import { refused, signedBy, type RefusalReason, type Verification } from './verify-result.js';

/** No agent, no network. All keys of the folder are trusted alike, so there is no web of trust to ask. */
const CONFIGURATION = ['no-autostart', 'disable-dirmngr', 'no-auto-key-retrieve', 'trust-model always'];

type Words = (name: string, key: string, dir: string) => string;

/** The first that gpg said decides. */
const REFUSALS: readonly (readonly [string, RefusalReason, Words])[] = [
  [
    'REVKEYSIG',
    'Revoked',
    (name, key, dir) =>
      `${name} is signed with ${key}, which its owner has revoked (${dir}): sign with another key`,
  ],
  [
    'EXPKEYSIG',
    'Expired',
    (name, key, dir) =>
      `${name} is signed with ${key}, which has expired: extend it and export it to ${dir} again, or sign with another key`,
  ],
  ['EXPSIG', 'Expired', (name, key) => `the signature of ${name} by ${key} has expired: sign it again`],
  [
    'BADSIG',
    'BadSignature',
    (name, key) =>
      `the signature of ${name} by ${key} does not fit its content: sign it again, and look at who can write to the repository`,
  ],
  [
    'NO_PUBKEY',
    'UnknownKey',
    (name, key, dir) =>
      `${name} is signed with ${key}, which is no key in ${dir}: export the public key there if you trust it (gpg --armor --export)`,
  ],
];

export async function verifyGpg(
  programs: VerifyPrograms,
  { command, id, name }: SignedObject,
  { dir, gpg }: TrustedKeys,
): Promise<Verification> {
  if (gpg.length === 0)
    return refused(
      'UnknownKey',
      `${name} is signed with an OpenPGP key, and there is none in ${dir}: export the public key there if you trust it (gpg --armor --export)`,
    );
  await makeKeyring(programs, gpg);
  const { code, stderr } = await programs.git([command, '--raw', id]);
  const said = statusOf(stderr);
  for (const [status, reason, words] of REFUSALS) {
    const about = said.get(status);
    if (about !== undefined) return refused(reason, words(name, `key ${about}`, dir));
  }
  const who = /^\S+ (.+)$/.exec(said.get('GOODSIG') ?? '')?.[1];
  const fingerprint = said.get('VALIDSIG')?.split(' ').at(-1);
  if (code === 0 && who !== undefined && fingerprint !== undefined) return signedBy(who, fingerprint);
  return refused(
    'BadSignature',
    `the signature of ${name} cannot be checked by gpg: sign it again with a usual key (Ed25519 or RSA)`,
  );
}

/** Each file twice: a certificate of revocation is only taken once its key is there. */
async function makeKeyring(programs: VerifyPrograms, files: readonly string[]): Promise<void> {
  await writeFile(join(programs.home, 'gpg.conf'), CONFIGURATION.map((line) => `${line}\n`).join(''));
  await programs.gpg(['--quiet', '--import', '--', ...files, ...files]);
}

/** What gpg said, by its word; values with %XX decoded. */
function statusOf(raw: string): ReadonlyMap<string, string> {
  const lines = raw.matchAll(/^\[GNUPG:\] (\w+) ?(.*)$/gm);
  return new Map([...lines].map(([, status = '', about = '']) => [status, decoded(about)]));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
