/** A real sshd: the machine's own, or Debian's, unpacked into a cache outside the repository. Nothing is installed. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dependenciesOf, openDebianSuite, unpackPackages } from '../../src/setup/recipes/debian-packages.js';

export interface SshdBinary {
  /** Absolute: sshd runs itself anew for each connection. */
  readonly path: string;
  /** Where its libraries are, besides the machine's own. */
  readonly libraries: readonly string[];
  /** Of newer versions, which split their work. */
  readonly helpers: Readonly<Record<string, string>>;
}

const INSTALLED = '/usr/sbin/sshd';
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'swiftdeploy-tests');
const HELPERS = { SshdSessionPath: 'sshd-session', SshdAuthPath: 'sshd-auth' };

/** Fetched once per machine and Debian release. */
export async function sshdBinary(): Promise<SshdBinary> {
  if (existsSync(INSTALLED)) return { path: INSTALLED, libraries: [], helpers: {} };
  const suite = await codename();
  const root = join(CACHE, `sshd-${suite}`);
  if (!existsSync(root)) await unpack(suite, root);
  const libraries = (await readdir(join(root, 'usr', 'lib'))).filter((name) => name.includes('-linux-'));
  const helpers = Object.entries(HELPERS)
    .map(([option, name]) => [option, join(root, 'usr', 'lib', 'openssh', name)] as const)
    .filter(([, path]) => existsSync(path));
  return {
    path: join(root, 'usr', 'sbin', 'sshd'),
    libraries: libraries.map((name) => join(root, 'usr', 'lib', name)),
    helpers: Object.fromEntries(helpers),
  };
}

async function codename(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  const found = /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1];
  if (found === undefined || !/^ID=debian$/m.test(text))
    throw new Error(
      'this machine has no sshd, and only that of Debian can be fetched: install openssh-server',
    );
  return found;
}

/** Aside first, so that two who unpack at once do not meet. */
async function unpack(suite: string, root: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE, 'unpack-'));
  try {
    const opened = await openDebianSuite(suite, join(aside, 'apt'), () => undefined);
    const needed = await dependenciesOf(opened, 'openssh-server');
    // The C library belongs to the machine's own loader.
    const libraries = needed.filter((name) => name.startsWith('lib') && !/^libc6$|^libpam-/.test(name));
    await unpackPackages(opened, ['openssh-server', ...libraries], join(aside, 'root'), () => undefined);
    await rename(join(aside, 'root'), root).catch((error: unknown) => {
      if (!existsSync(root)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
