/**
 * `npm run build`: bundles src/ and what it depends on into dist/, a few files that Node loads at once. It does not check
 * types. Whatever else was in dist/ goes, the stamp of bootstrap.mjs too, and goes last: somebody may be loading it.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

/** They bring files of their own: worker threads, a module that is there for developers only. Both are loaded by few commands. */
const NOT_BUNDLED = ['pino', 'ink', 'react'];
/** They have state that scripts/bootstrap.mjs shares with src/setup/: which programs run. */
const SCRIPTS = join(ROOT, 'scripts/*');

const { outputFiles } = await build({
  absWorkingDir: ROOT,
  // All in one folder: src/package-files.ts and the imports of scripts/ count on it.
  entryPoints: { main: 'src/main.ts', setup: 'src/setup/main.ts' },
  outdir: DIST,
  write: false,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  external: [...NOT_BUNDLED, SCRIPTS],
  // For CommonJS packages, which require what is Node's own.
  banner: {
    js: "import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);",
  },
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});

mkdirSync(DIST, { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
const built = new Set(outputFiles.map(({ path }) => path));
const others = readdirSync(DIST)
  .map((name) => join(DIST, name))
  .filter((path) => !built.has(path));
for (const path of others) rmSync(path, { recursive: true });
