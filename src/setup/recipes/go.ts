/** Finds a Go compiler, or unpacks Debian's into a directory of its own when the machine has none. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '../../../scripts/command.mjs';
import { StageError, type Report } from '../../../scripts/stage.mjs';
import { dependenciesOf, openDebianSuite, unpackPackages } from './debian-packages.js';

const CANDIDATES = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];

/** From this version on, Go fetches a newer toolchain by itself when a module asks for one. */
const OLDEST_MINOR = 21;
const SUITE = 'forky';

/** Resolves with the path of a Go compiler that can build today's modules; `directory` takes one if need be. */
export async function findGo(directory: string, report: Report): Promise<string> {
  for (const candidate of CANDIDATES) {
    if (await isRecentGo(candidate)) return candidate;
  }
  return unpackGo(directory, report);
}

async function isRecentGo(command: string): Promise<boolean> {
  try {
    const minor = /go1\.(\d+)/.exec(await runCommand(command, ['version']))?.[1];
    return Number(minor) >= OLDEST_MINOR;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

async function unpackGo(directory: string, report: Report): Promise<string> {
  const root = join(directory, 'root');
  await mkdir(root, { recursive: true });
  const suite = await openDebianSuite(SUITE, join(directory, 'apt'), report);
  const compiler = (await dependenciesOf(suite, 'golang-go')).find((name) => /^golang-[\d.]+-go$/.test(name));
  if (compiler === undefined) throw noGo();
  await unpackPackages(suite, [compiler, compiler.replace(/-go$/, '-src')], root, report);
  const home = (await readdir(join(root, 'usr/lib'))).find((name) => name.startsWith('go-'));
  const path = join(root, 'usr/lib', home ?? '', 'bin/go');
  if (!existsSync(path)) throw noGo();
  return path;
}

function noGo(): StageError {
  return new StageError(
    `compiling it here needs Go 1.${OLDEST_MINOR} or newer, and Debian ${SUITE} has none to unpack`,
    'install Go, or give the engine access to a registry',
  );
}
