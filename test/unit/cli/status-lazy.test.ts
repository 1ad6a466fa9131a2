/** Who does not watch does not pay: ink and react are more memory than the rest of the program. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';

interface Imports {
  readonly static: readonly string[];
  readonly dynamic: readonly string[];
}

const LOADED = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const LATER = /\bimport\('([^']+)'\)/g;

/** What a file imports when it is loaded (types cost nothing), and what only later. */
function importsOf(path: string): Imports {
  const source = readFileSync(path, 'utf8');
  const named = (pattern: RegExp) => [...source.matchAll(pattern)].map(([, name = '']) => name);
  return { static: named(LOADED), dynamic: named(LATER) };
}

/** Packages that are loaded with `entry`; `follow` says which imports count. */
function packagesOf(entry: string, follow: (imports: Imports) => readonly string[]): ReadonlySet<string> {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const visit = (path: string) => {
    if (files.has(path)) return;
    files.add(path);
    for (const name of follow(importsOf(path))) {
      if (name.startsWith('.')) visit(sourceOf(resolve(dirname(path), name)));
      else packages.add(name);
    }
  };
  visit(resolve(entry));
  return packages;
}

function sourceOf(path: string): string {
  const candidates = [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx'), path];
  return candidates.find((candidate) => existsSync(candidate)) ?? path;
}

function inkOf(packages: ReadonlySet<string>): string[] {
  return [...packages].filter((name) => /^(ink|react)(\/|$)/.test(name)).sort();
}

test('no command loads ink or react until --watch has a screen', () => {
  const loaded = packagesOf('src/main.ts', (imports) => imports.static);
  expect([...loaded]).toContain('commander');
  expect(inkOf(loaded)).toEqual([]);
  expect(inkOf(packagesOf('src/cli/status/live/watch.ts', (imports) => imports.static))).toEqual([]);
});

test('--watch does', () => {
  const loaded = packagesOf('src/main.ts', (imports) => [...imports.static, ...imports.dynamic]);
  expect(inkOf(loaded)).toEqual(['ink']);
});
