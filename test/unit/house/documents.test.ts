/** A document that names a path or a command names one that exists. Documents that are not there yet are not missed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const TOP = ['README.md', 'CONTRIBUTING.md'];

function documents(): string[] {
  const inDocs = existsSync('docs')
    ? readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)
    : [];
  return [...TOP.filter((name) => existsSync(name)), ...inDocs].filter((name) => name.endsWith('.md')).sort();
}

/** Folders of this repository; a path in backticks that starts with one of them is a claim. */
const FOLDERS = ['src', 'test', 'schema', 'docs', 'policies', 'workload', 'bench', 'scripts', '.ci'];
/** Written by programs, not by people. */
const MADE = ['bench/results.md'];

function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link = '']) => link);
  const claims = spans.filter((span) => FOLDERS.some((folder) => span.startsWith(`${folder}/`)));
  return [...new Set([...claims, ...links])].filter(
    (path) => !/[<>{}*\s…]/.test(path) && !MADE.includes(path),
  );
}

function exists(document: string, path: string): boolean {
  const beside = document.includes('/') ? `${document.slice(0, document.lastIndexOf('/'))}/` : '';
  return [path, `${beside}${path}`].some((candidate) => existsSync(candidate.replace(/:\d+$/, '')));
}

function scriptsIn(text: string): string[] {
  return [...text.matchAll(/npm run ([a-z][a-z0-9:-]*)/g)].map(([, name = '']) => name);
}

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

describe.each(documents())('%s', (document) => {
  const text = readFileSync(document, 'utf8');

  test('names paths that exist', () => {
    expect(pathsIn(text).filter((path) => !exists(document, path))).toEqual([]);
  });

  test('names scripts that exist', () => {
    expect(scriptsIn(text).filter((name) => !(name in scripts))).toEqual([]);
  });
});

test('what is looked for is found', () => {
  const text = '`src/none.ts` [a](none.md) `npm run none` `src/<name>.ts` [b](https://example.com)';
  expect(pathsIn(text)).toEqual(['src/none.ts', 'none.md']);
  expect(scriptsIn(text)).toEqual(['none']);
});
