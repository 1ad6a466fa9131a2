/** Docker Compose, one pinned version, built from source into a cache outside the repository: for tests and benchmarks alike. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export const COMPOSE_VERSION = 'v5.0.2';
const MODULE = 'github.com/docker/compose/v5';
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'swiftdeploy-bench');
const BINARY = join(CACHE, `docker-compose-${COMPOSE_VERSION}`);
const GO_PLACES = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];
const OUTPUT_LIMIT = 64 * 1024 * 1024;

export const NO_GO = `Docker Compose ${COMPOSE_VERSION} is built with Go, which is missing: see https://go.dev/doc/install`;

/** There is a binary, or what builds one. */
export async function isComposeWithinReach(): Promise<boolean> {
  return existsSync(BINARY) || (await findGo()) !== undefined;
}

/** Its path; built once per machine, which takes some minutes. Undefined where neither it nor Go is there. */
export async function composeBinary(): Promise<string | undefined> {
  if (existsSync(BINARY)) return BINARY;
  const go = await findGo();
  if (go === undefined) return undefined;
  await mkdir(CACHE, { recursive: true });
  process.stderr.write(`building Docker Compose ${COMPOSE_VERSION} into ${CACHE}\n`);
  await build(go);
  return BINARY;
}

/** Aside first, so that two who build at once do not meet. */
async function build(go: string): Promise<void> {
  const aside = await mkdtemp(join(CACHE, 'build-'));
  try {
    const flags = ['-ldflags', `-X ${MODULE}/internal.Version=${COMPOSE_VERSION}`];
    const env = { ...process.env, GOBIN: aside };
    await exec(go, ['install', ...flags, `${MODULE}/cmd@${COMPOSE_VERSION}`], {
      env,
      maxBuffer: OUTPUT_LIMIT,
    });
    await rename(join(aside, 'cmd'), BINARY);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function findGo(): Promise<string | undefined> {
  for (const go of GO_PLACES) {
    const works = await exec(go, ['version']).then(
      () => true,
      () => false,
    );
    if (works) return go;
  }
  return undefined;
}
