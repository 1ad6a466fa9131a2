/** Signatures as people make them, with the real git, ssh-keygen and gpg: which are trusted, and what is said of the others. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { verifyRevision, type Verification } from '../../src/controller/git/verify.js';

const never = new AbortController().signal;

let root: string;
let work: string;
/** Of the host, emptied before each test. */
let keys: string;

/** Nothing of the machine's own git and keys takes part. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: root,
    GNUPGHOME: join(root, 'gnupg'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.com',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.com',
  };
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: work, env: environment(), encoding: 'utf8', stdio: 'pipe' });
}

function git(...args: readonly string[]): string {
  return run('git', ...args).trim();
}

function gpg(...args: readonly string[]): string {
  return run('gpg', '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args);
}

const LONG_AGO = ['--faked-system-time', '20200101T120000'];

type SignWith = readonly string[];

function withSsh(name: string): SignWith {
  return ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${join(root, name)}`];
}

function withGpg(name: string): SignWith {
  return ['-c', `user.signingkey=${name}@example.com`];
}

function commit(message: string, signWith?: SignWith): string {
  git(...(signWith ?? []), 'commit', '--allow-empty', '-m', message, ...(signWith ? ['-S'] : []));
  return git('rev-parse', 'HEAD');
}

/** As who has stolen an old key would make it: the date is whatever the committer says. */
function commitOf2019(signWith: SignWith): string {
  const env = { ...environment(), GIT_COMMITTER_DATE: '2019-06-01T00:00:00Z' };
  const args = [...signWith, 'commit-tree', '-S', '-m', 'old', git('write-tree')];
  return execFileSync('git', args, { cwd: work, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** The same commit with another message under the same signature. */
async function forged(id: string): Promise<string> {
  const path = join(root, 'forged');
  await writeFile(path, `${git('cat-file', 'commit', id)}, and more\n`);
  return git('hash-object', '-t', 'commit', '-w', path);
}

function head(id: string, signal = never): Promise<Verification> {
  return verifyRevision(join(work, '.git'), { commit: id }, { mode: 'head', keys }, signal);
}

function tag(name: string): Promise<Verification> {
  const target = { commit: git('rev-parse', `${name}^{commit}`), tag: name };
  return verifyRevision(join(work, '.git'), target, { mode: 'tag', keys }, never);
}

async function reasonOf(verification: Promise<Verification>): Promise<string> {
  const result = await verification;
  return result.ok ? `signed by ${result.signer}` : result.reason;
}

function publicKey(name: string): Promise<string> {
  return readFile(join(root, `${name}.pub`), 'utf8');
}

async function trust(file: string, text: string): Promise<void> {
  await writeFile(join(keys, file), text);
}

function fingerprintOf(name: string): string {
  return run('ssh-keygen', '-lf', join(root, `${name}.pub`)).split(' ')[1] ?? '';
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'swd verify-'));
  work = join(root, 'work');
  await mkdir(work);
  await mkdir(join(root, 'gnupg'), { mode: 0o700 });
  git('init', '--quiet');
  for (const name of ['ann', 'eve'])
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(root, name));
});

beforeEach(async () => {
  keys = await mkdtemp(join(root, 'keys '));
});

afterAll(async () => {
  run('gpgconf', '--kill', 'all');
  await rm(root, { recursive: true, force: true });
});

describe('a commit signed with an SSH key', () => {
  test('is trusted when its key is in the folder, and says who signed it', async () => {
    const id = commit('signed', withSsh('ann'));
    await trust('ann.pub', await publicKey('ann'));
    expect(await head(id)).toEqual({ ok: true, signer: `ann (${fingerprintOf('ann')})` });
  });

  test('is told by its principal where allowed_signers names one', async () => {
    const id = commit('signed', withSsh('ann'));
    await trust(
      'allowed_signers',
      `# people\n\n"ann@example.com" namespaces="git" ${await publicKey('ann')}`,
    );
    expect(await head(id)).toEqual({ ok: true, signer: `ann@example.com (${fingerprintOf('ann')})` });
  });

  test('is not trusted by a key that is meant for something else than git', async () => {
    const id = commit('signed', withSsh('ann'));
    await trust('allowed_signers', `ann namespaces="file" ${await publicKey('ann')}`);
    expect(await reasonOf(head(id))).toBe('UnknownKey');
  });

  test('of another one is unknown, with its fingerprint and what to do', async () => {
    const id = commit('signed', withSsh('eve'));
    await trust('ann.pub', await publicKey('ann'));
    const message = expect.stringMatching(
      /^commit [0-9a-f]{12} is signed with SHA256:\S+, which is no key in/,
    );
    expect(await head(id)).toMatchObject({ ok: false, reason: 'UnknownKey', message });
  });

  test('is refused once the key is revoked, as a list of keys and as a KRL', async () => {
    const id = commit('signed', withSsh('ann'));
    await trust('ann.pub', await publicKey('ann'));
    await trust('revoked', await publicKey('ann'));
    expect(await reasonOf(head(id))).toBe('Revoked');
    run('ssh-keygen', '-q', '-k', '-f', join(keys, 'revoked'), join(root, 'ann.pub'));
    expect(await reasonOf(head(id))).toBe('Revoked');
    run('ssh-keygen', '-q', '-k', '-f', join(keys, 'revoked'), join(root, 'eve.pub'));
    expect(await reasonOf(head(id))).toMatch(/^signed by ann/);
  });

  test('is refused while what is revoked cannot be read', async () => {
    const id = commit('signed', withSsh('ann'));
    await trust('ann.pub', await publicKey('ann'));
    await trust('revoked', 'no key at all\n');
    expect(await reasonOf(head(id))).toBe('Revoked');
  });

  test('is refused once the key has expired, even if the commit says it is older', async () => {
    await trust('allowed_signers', `ann valid-before="20200101Z" ${await publicKey('ann')}`);
    expect(await reasonOf(head(commit('signed', withSsh('ann'))))).toBe('Expired');
    const old = commitOf2019(withSsh('ann'));
    expect(await reasonOf(head(old))).toBe('Expired');
    await appendFile(join(keys, 'allowed_signers'), `ann valid-after="20200101Z" ${await publicKey('ann')}`);
    expect(await reasonOf(head(old))).toMatch(/^signed by ann/);
  });

  test('is refused when its content is not what was signed', async () => {
    await trust('ann.pub', await publicKey('ann'));
    expect(await reasonOf(head(await forged(commit('signed', withSsh('ann')))))).toBe('BadSignature');
  });
});

describe('a commit signed with an OpenPGP key', () => {
  beforeAll(() => {
    for (const name of ['gina', 'greg']) gpg('--quick-gen-key', `${name} <${name}@example.com>`, 'ed25519');
    gpg(...LONG_AGO, '--quick-gen-key', 'old <old@example.com>', 'ed25519', 'sign', '1d');
  });

  async function exportKey(name: string, file: string, ...how: readonly string[]): Promise<void> {
    gpg('--output', join(keys, file), ...how, '--export', `${name}@example.com`);
  }

  test.each(['gina.asc', 'gina.gpg'])('is trusted when its key is in the folder, as %s', async (file) => {
    const id = commit('signed', withGpg('gina'));
    await exportKey('gina', file, ...(file.endsWith('.asc') ? ['--armor'] : []));
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '-k', 'gina@example.com'))?.[1];
    expect(await head(id)).toEqual({ ok: true, signer: `gina <gina@example.com> (${String(fingerprint)})` });
  });

  test('of another one is unknown, whatever keyring the user has', async () => {
    const id = commit('signed', withGpg('greg'));
    await exportKey('gina', 'gina.asc', '--armor');
    expect(await reasonOf(head(id))).toBe('UnknownKey');
    await rm(join(keys, 'gina.asc'));
    await trust('ann.pub', await publicKey('ann'));
    expect(await reasonOf(head(id))).toBe('UnknownKey');
  });

  test('is refused when the key has expired', async () => {
    const past = ['-c', `gpg.program=${await gpgOfThePast()}`, ...withGpg('old')];
    const id = git(...past, 'commit-tree', '-S', '-m', 'old', git('write-tree'));
    await exportKey('old', 'old.asc', '--armor');
    expect(await reasonOf(head(id))).toBe('Expired');
  });

  test('is refused when its content is not what was signed', async () => {
    const id = await forged(commit('signed', withGpg('gina')));
    await exportKey('gina', 'gina.asc', '--armor');
    expect(await reasonOf(head(id))).toBe('BadSignature');
  });

  test('is refused once its owner has revoked the key, with the certificate in a file of its own', async () => {
    const id = commit('signed', withGpg('greg'));
    await exportKey('greg', 'greg.asc', '--armor');
    expect(await reasonOf(head(id))).toMatch(/^signed by greg/);
    await trust('a-certificate.asc', await revocationOf('greg'));
    expect(await reasonOf(head(id))).toBe('Revoked');
  });

  test('leaves no home and no agent behind', async () => {
    const temporary = join(root, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const id = commit('signed', withGpg('gina'));
    await exportKey('gina', 'gina.asc', '--armor');
    expect(await reasonOf(head(id))).toMatch(/^signed by gina/);
    expect(await readdir(temporary)).toEqual([]);
    expect(await homesOfAgents()).not.toContain(temporary);
  });

  /** gpg writes one for each new key, with a colon that keeps it from being imported by mistake. */
  async function revocationOf(name: string): Promise<string> {
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '-k', `${name}@example.com`))?.[1];
    const text = await readFile(
      join(root, 'gnupg', 'openpgp-revocs.d', `${String(fingerprint)}.rev`),
      'utf8',
    );
    return text.replace(':-----BEGIN', '-----BEGIN');
  }

  /** A program that signs as if it were the day on which the key was valid. */
  async function gpgOfThePast(): Promise<string> {
    const path = join(root, 'gpg-of-the-past');
    await writeFile(path, `#!/bin/sh\nexec gpg ${LONG_AGO.join(' ')} "$@"\n`, { mode: 0o755 });
    return path;
  }

  async function homesOfAgents(): Promise<string> {
    const found = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      found.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return lines.filter((line) => /gpg-agent|dirmngr/.test(line)).join('\n');
  }
});

describe('what is not signed, or cannot be', () => {
  test('an unsigned commit says how to sign', async () => {
    const id = commit('plain\n\ngpgsig -----BEGIN SSH SIGNATURE-----');
    await trust('ann.pub', await publicKey('ann'));
    const message = expect.stringContaining('git commit -S');
    expect(await head(id)).toEqual({ ok: false, reason: 'Unsigned', message });
  });

  test('without a key nothing is trusted: no folder, an empty one, one without keys', async () => {
    const id = commit('signed', withSsh('ann'));
    expect(await reasonOf(head(id))).toBe('NoKeys');
    await trust('ann.pub', 'no key at all\n');
    await trust('README', await publicKey('ann'));
    expect(await reasonOf(head(id))).toBe('NoKeys');
    await rm(keys, { recursive: true });
    expect(await reasonOf(head(id))).toBe('NoKeys');
  });

  test('an X.509 certificate is told as what it is', async () => {
    const path = join(root, 'x509');
    const armour = 'gpgsig -----BEGIN SIGNED MESSAGE-----\n MII\n -----END SIGNED MESSAGE-----';
    await writeFile(
      path,
      `${git('cat-file', 'commit', commit('plain')).replace('\n\n', `\n${armour}\n\n`)}\n`,
    );
    const id = git('hash-object', '-t', 'commit', '-w', path);
    await trust('ann.pub', await publicKey('ann'));
    const message = expect.stringContaining('X.509');
    expect(await head(id)).toMatchObject({ reason: 'UnknownKey', message });
  });

  test('a commit of more than 1 MiB is not looked at', async () => {
    const path = join(root, 'long');
    await writeFile(path, 'x'.repeat(1024 * 1024));
    git(...withSsh('ann'), 'commit', '--quiet', '--allow-empty', '-S', '-F', path);
    await trust('ann.pub', await publicKey('ann'));
    expect(await reasonOf(head(git('rev-parse', 'HEAD')))).toBe('BadSignature');
  });

  test("the repository's own settings, keys and replaced objects decide nothing", async () => {
    const signed = commit('signed', withSsh('eve'));
    const replaced = commit('plain');
    await trust('ann.pub', await publicKey('ann'));
    await writeFile(join(root, 'yes'), '#!/bin/sh\necho Good; exit 0\n', { mode: 0o755 });
    await writeFile(join(root, 'evil_signers'), `* ${await publicKey('eve')}`);
    git('replace', replaced, commit('trusted', withSsh('ann')));
    git('config', 'gpg.ssh.allowedSignersFile', join(root, 'evil_signers'));
    git('config', 'gpg.ssh.program', join(root, 'yes'));
    expect(await reasonOf(head(signed))).toBe('UnknownKey');
    expect(await reasonOf(head(replaced))).toBe('Unsigned');
    git('config', '--unset', 'gpg.ssh.program');
    git('config', '--unset', 'gpg.ssh.allowedSignersFile');
  });

  test('a commit that is not there, a missing repository and a stop are errors, not answers', async () => {
    await trust('ann.pub', await publicKey('ann'));
    await expect(head('0'.repeat(40))).rejects.toThrow('cat-file');
    await expect(head('--all')).rejects.toThrow('not the id of a commit');
    await expect(head(commit('plain'), AbortSignal.abort())).rejects.toThrow('aborted');
  });
});

describe('a host without the programs', () => {
  test('is told which one to install, and nobody is called a forger', async () => {
    const id = commit('signed', withSsh('ann'));
    await trust('ann.pub', await publicKey('ann'));
    await trust('gina.asc', 'whatever');
    const armour = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----';
    const path = join(root, 'pgp');
    await writeFile(
      path,
      `${git('cat-file', 'commit', commit('plain')).replace('\n\n', `\n${armour}\n\n`)}\n`,
    );
    const pgp = git('hash-object', '-t', 'commit', '-w', path);
    const bin = join(root, 'bin');
    await mkdir(bin);
    await symlink(run('which', 'git').trim(), join(bin, 'git'));
    vi.stubEnv('PATH', bin);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(head(id)).rejects.toThrow('ssh-keygen cannot be run to check signatures: install it');
    await expect(head(pgp)).rejects.toThrow('gpg cannot be run to check signatures: install it');
  });
});

describe('mode tag', () => {
  test('takes the signature of the tag, whatever that of the commit', async () => {
    await trust('ann.pub', await publicKey('ann'));
    commit('plain');
    git(...withSsh('ann'), 'tag', '-s', '-m', 'one', 'v1.0.0');
    expect(await reasonOf(tag('v1.0.0'))).toMatch(/^signed by ann/);
    git(...withSsh('eve'), 'tag', '-s', '-m', 'two', 'v1.0.1');
    expect(await reasonOf(tag('v1.0.1'))).toBe('UnknownKey');
  });

  test('a tag that is lightweight, annotated only, or not there is unsigned', async () => {
    await trust('ann.pub', await publicKey('ann'));
    const id = commit('signed', withSsh('ann'));
    git('tag', 'light');
    git('tag', '-a', '-m', 'annotated', 'annotated');
    expect(await reasonOf(tag('light'))).toBe('Unsigned');
    expect(await reasonOf(tag('annotated'))).toBe('Unsigned');
    const of = (target: { commit: string; tag?: string }) =>
      reasonOf(verifyRevision(join(work, '.git'), target, { mode: 'tag', keys }, never));
    expect(await of({ commit: id, tag: 'gone' })).toBe('Unsigned');
    expect(await of({ commit: id })).toBe('Unsigned');
  });

  test('a signed tag counts neither under another name nor for another commit', async () => {
    await trust('ann.pub', await publicKey('ann'));
    const old = commit('old');
    git(...withSsh('ann'), 'tag', '-s', '-m', 'old', 'v2.0.0');
    git('update-ref', 'refs/tags/v9.9.9', git('rev-parse', 'v2.0.0'));
    expect(await reasonOf(tag('v9.9.9'))).toBe('BadSignature');
    expect(await reasonOf(tag('v2.0.0'))).toMatch(/^signed by ann/);
    const newer = { commit: commit('newer'), tag: 'v2.0.0' };
    expect(newer.commit).not.toBe(old);
    const verify = { mode: 'tag', keys } as const;
    expect(await reasonOf(verifyRevision(join(work, '.git'), newer, verify, never))).toBe('BadSignature');
  });
});
