/**
 * Bundles the workload into dist/server.cjs, one file without dependencies, and prints the digest of its sources.
 * Does nothing when the bundle is already made of these sources: so the Dockerfile builds with a registry in reach
 * (it installs and bundles) and without one (set-up made the bundle on the host, and the context carries it).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const BUNDLE = join(HERE, 'dist/server.cjs');
const DIGEST = join(HERE, 'dist/source-hash');

const digest = sourceHash();
if (!isFresh(digest)) await bundle(digest);
process.stdout.write(`${digest}\n`);

function sourceHash() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(HERE, 'src')).sort();
  for (const path of [
    ...sources.map((name) => `src/${name}`),
    'package-lock.json',
    'build.mjs',
    'Dockerfile',
  ]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(HERE, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function isFresh(wanted) {
  return existsSync(BUNDLE) && existsSync(DIGEST) && readFileSync(DIGEST, 'utf8').trim() === wanted;
}

async function bundle(digestOfSources) {
  installDependencies();
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(HERE, 'src/main.ts')],
    outfile: `${BUNDLE}.new`,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  mkdirSync(dirname(BUNDLE), { recursive: true });
  renameSync(`${BUNDLE}.new`, BUNDLE);
  // Written last: a bundle that was cut off is not taken for a fresh one.
  writeFileSync(DIGEST, `${digestOfSources}\n`);
}

function installDependencies() {
  const installed = join(HERE, 'node_modules/.package-lock.json');
  if (existsSync(installed) && existsSync(join(HERE, 'node_modules/esbuild'))) return;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, error } = spawnSync('npm', args, { cwd: HERE, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(
    `npm ci failed in ${HERE}${error ? ` (${error.message})` : ''}. ` +
      'Cure: run "npm run setup" at the top of the repository, which makes the bundle where a registry is in reach.\n',
  );
  process.exit(1);
}
