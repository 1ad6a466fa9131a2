/**
 * Fetches and unpacks packages of one Debian suite with a private apt configuration: its own sources, lists and
 * cache, so that the machine's package manager neither sees nor notices it.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../scripts/command.mjs';
import { StageError, type Report } from '../../../scripts/stage.mjs';

const MIRROR = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One suite, ready to be asked for packages. */
export interface DebianSuite {
  readonly suite: string;
  readonly directory: string;
  readonly options: readonly string[];
}

/** Reads the lists of `suite` into `directory`. */
export async function openDebianSuite(
  suite: string,
  directory: string,
  report: Report,
): Promise<DebianSuite> {
  await checkApt();
  for (const part of ['lists/partial', 'cache/archives/partial', 'packages']) {
    await mkdir(join(directory, part), { recursive: true });
  }
  await writeFile(join(directory, 'sources.list'), `deb [signed-by=${KEYRING}] ${MIRROR} ${suite} main\n`);
  await writeFile(join(directory, 'status'), '');
  const opened = { suite, directory, options: aptOptions(directory) };
  report(`reading Debian ${suite}'s package lists`);
  await runCommand('apt-get', [...opened.options, 'update'], { timeoutMs: 180_000 });
  return opened;
}

/** Downloads `packages` and unpacks them over `root`. Resolves with the version of each. */
export async function unpackPackages(
  suite: DebianSuite,
  packages: readonly string[],
  root: string,
  report: Report,
): Promise<Map<string, string>> {
  report(`downloading ${packages.join(' ')}`);
  const cwd = join(suite.directory, 'packages');
  await runCommand('apt-get', [...suite.options, 'download', ...packages], { cwd, timeoutMs: 300_000 });
  const versions = new Map<string, string>();
  for (const file of (await readdir(cwd)).filter((name) => packages.includes(packageOf(name)))) {
    await runCommand('dpkg', ['-x', join(cwd, file), root]);
    versions.set(packageOf(file), decodeURIComponent(file.split('_')[1] ?? ''));
  }
  return versions;
}

/** The packages that `name` depends on directly. */
export async function dependenciesOf(suite: DebianSuite, name: string): Promise<string[]> {
  const text = await runCommand('apt-cache', [...suite.options, 'depends', name]);
  return [...text.matchAll(/Depends: (\S+)/g)].map((match) => String(match[1]));
}

function packageOf(file: string): string {
  return file.split('_')[0] ?? file;
}

async function checkApt(): Promise<void> {
  if (existsSync('/usr/bin/apt-get') && existsSync(KEYRING)) return;
  const registry = 'give the engine access to a registry, or load the image with "docker load"';
  throw new StageError(
    existsSync('/usr/bin/apt-get')
      ? `building it here needs Debian's archive keys (${KEYRING})`
      : 'building it here needs apt, which this machine does not have',
    existsSync('/usr/bin/apt-get') ? `"apt-get install debian-archive-keyring"; or ${registry}` : registry,
  );
}

function aptOptions(directory: string): string[] {
  const settings = {
    'Dir::Etc::sourcelist': join(directory, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': '-',
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::State::status': join(directory, 'status'),
    'Dir::Cache': join(directory, 'cache'),
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::http::Timeout': '20',
    'Acquire::Retries': '3',
  };
  return ['-q', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
}
