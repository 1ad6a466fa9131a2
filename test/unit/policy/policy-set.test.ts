/** A folder of policies as a value: what is read, what is refused by name, and what the revision covers. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readPolicySet, type PolicySet } from '../../../src/reconcilers/policy/policy-set.js';

const SHIPPED = fileURLToPath(new URL('../../../policies', import.meta.url));

function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'policies-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}

function names({ domains }: PolicySet): string[] {
  return domains.map(({ name }) => name);
}

const REGO = 'package swiftdeploy.infrastructure\n';

describe('what is read', () => {
  test('the shipped policies', async () => {
    const set = await readPolicySet(SHIPPED);
    expect(names(set)).toContain('infrastructure');
    expect(set.revision).toMatch(/^[0-9a-f]{64}$/);
  });

  test('Rego and data, sorted; documents, schemas and hidden files are not', async () => {
    const set = await readPolicySet(
      folder({
        'b/b.rego': 'package swiftdeploy.b\n',
        'b/b_test.rego': 'package swiftdeploy.b_test\n',
        'a/a.rego': 'package swiftdeploy.a\n',
        'a/data.json': '{}',
        'a/data.yaml': 'x: 1',
        'a/input.schema.json': '{}',
        'README.md': '#',
        '.git/config': '',
        'a/.a.rego.swp': 'x',
      }),
    );
    expect(set.files.map((file) => file.path)).toEqual([
      'a/a.rego',
      'a/data.json',
      'a/data.yaml',
      'b/b.rego',
      'b/b_test.rego',
    ]);
    expect(names(set)).toEqual(['a', 'b']);
  });

  test('a folder with tests or data only is no domain; a misspelt package still is one', async () => {
    const set = await readPolicySet(
      folder({
        'x/x_test.rego': 'package x_test\n',
        'y/data.json': '{}',
        'admission/a.rego': 'package swiftdeploy.admision\n',
      }),
    );
    expect(names(set)).toEqual(['admission']);
  });

  test('files without a folder, as older tools keep them', async () => {
    const set = await readPolicySet(
      folder({ 'infra.rego': REGO, 'lib.rego': 'package lib\n', 'data.json': '{"thresholds": {}}' }),
    );
    expect(names(set)).toEqual(['infrastructure']);
  });

  test('links inside the folder, as Kubernetes mounts have them', async () => {
    const dir = folder({ 'infrastructure/..2026_05_05/infrastructure.rego': REGO });
    symlinkSync('..2026_05_05', join(dir, 'infrastructure/..data'));
    symlinkSync('..data/infrastructure.rego', join(dir, 'infrastructure/infrastructure.rego'));
    expect(await readPolicySet(dir)).toMatchObject({
      domains: [{ name: 'infrastructure' }],
      files: [{ path: 'infrastructure/infrastructure.rego' }],
    });
  });
});

describe('the revision', () => {
  const files = { 'a/a.rego': 'package a\n', 'a/data.json': '{"x": 1}', 'a/a_test.rego': 'package a_test\n' };

  test('is the same for the same files', async () => {
    expect((await readPolicySet(folder(files))).revision).toBe((await readPolicySet(folder(files))).revision);
  });

  test.each([
    ['content', { ...files, 'a/data.json': '{"x": 2}' }],
    ['a test', { ...files, 'a/a_test.rego': 'package a_test\n#\n' }],
    [
      'a name',
      { 'a/b.rego': files['a/a.rego'], 'a/data.json': '{"x": 1}', 'a/a_test.rego': files['a/a_test.rego'] },
    ],
  ])('changes with %s', async (_name, changed) => {
    expect((await readPolicySet(folder(changed))).revision).not.toBe(
      (await readPolicySet(folder(files))).revision,
    );
  });
});

describe('what is refused, by name', () => {
  test.each([
    [
      'a folder named system',
      { 'system/authz.rego': 'package system.authz\n' },
      'reserved',
      'system/authz.rego',
    ],
    ['package system.authz', { 'a/a.rego': '# hi\npackage system.authz\n' }, 'reserved', 'a/a.rego'],
    ['package system in brackets', { 'a/a.rego': 'package system["authz"]\n' }, 'reserved', 'a/a.rego'],
    [
      'package system with raw strings',
      { 'a/a.rego': 'package system[ `authz` ]\n' },
      'reserved',
      'a/a.rego',
    ],
    [
      'package system over rows',
      { 'a/a.rego': 'package\n# comment\nsystem.authz\n' },
      'reserved',
      'a/a.rego',
    ],
    ['package system after a BOM', { 'a/a.rego': '\uFEFFpackage\rsystem.authz\n' }, 'reserved', 'a/a.rego'],
    ['package system in a test', { 'a/a_test.rego': 'package system.authz\n' }, 'reserved', 'a/a_test.rego'],
    ['Rego without package', { 'a/a.rego': 'allow := true\n' }, 'no-package', 'a/a.rego'],
    ['an empty Rego file', { 'a/a.rego': '' }, 'no-package', 'a/a.rego'],
    ['data that OPA would not load', { 'a/thresholds.json': '{}' }, 'not-loaded', 'a/thresholds.json'],
    ['YAML that OPA would not load', { 'limits.yml': 'x: 1' }, 'not-loaded', 'limits.yml'],
    ['a file over 1 MiB', { 'a/a.rego': `${REGO}#${'x'.repeat(1024 * 1024)}` }, 'too-large', 'a/a.rego'],
    ['folders without end', { 'a/b/c/d/e/f/g/h/i/j.rego': REGO }, 'too-deep', 'a/b/c/d/e/f/g/h/i'],
  ])('%s', async (_name, files, fault, file) => {
    const problem = await readPolicySet(folder(files as unknown as Record<string, string>)).catch(
      (cause: unknown) => cause,
    );
    expect(problem).toMatchObject({ name: 'PolicySetError', fault, file });
    expect(String(problem)).toContain(`${file}: `);
  });

  test.each([
    ['a comma too many', '{\n  "a": 1,\n}', '3:1: is no JSON: property name expected'],
    ['a comma too few', '{"a": 1\n "b": 2}', '2:2: is no JSON: comma expected'],
    ['cut in the middle', '{"a": [1,', '1:10: is no JSON: value expected'],
    ['nothing in it', '', '1:1: is no JSON: value expected'],
    ['two values', '{} {}', '1:4: is no JSON: end of file expected'],
    ['a comment', '{} // none', '1:4: is no JSON: invalid comment token'],
    ['a key twice', '{"limits": {"a": 1,\n "b": [{"a": 1}], "a": 2}}', '2:19: the key "a" is there twice'],
    ['no end of lists', '['.repeat(100_000), '1:401: is nested too deeply'],
  ])('data with %s, by row and column', async (_name, text, sentence) => {
    const files = { 'x/x.rego': 'package swiftdeploy.x\n', 'x/data.json': text };
    await expect(readPolicySet(folder(files))).rejects.toMatchObject({
      fault: 'bad-data',
      message: `x/data.json:${sentence}`,
    });
  });

  test.each([
    ['a deny list in Latin-1', 'x/data.json', '{\n "deny": ["J\xF6rg <*>"]}', 'bad-data', '2:13'],
    ['YAML in Latin-1', 'x/data.yaml', 'deny:\n  - Bj\xF6rn', 'bad-data', '2:7'],
    ['Rego in Latin-1', 'x/y.rego', 'package swiftdeploy.x\n# J\xF6rg', 'bad-rego', '2:4'],
    ['a test in Latin-1', 'x/y_test.rego', 'package swiftdeploy.x_test\n# \xF6', 'bad-rego', '2:3'],
    ['half a character', 'x/data.json', '{"a": "\xEF\xBF', 'bad-data', '1:8'],
    ['a fault behind a stand-in', 'x/data.json', '{"a": "\xEF\xBF\xBD\xC3\xB6\xFF"}', 'bad-data', '1:10'],
    ['UTF-16', 'x/data.json', '\xFF\xFE{\x00}\x00', 'bad-data', '1:1'],
  ])('%s, by row and column', async (_name, file, bytes, fault, at) => {
    const files = { 'x/x.rego': 'package swiftdeploy.x\n', [file]: Buffer.from(bytes, 'latin1') };
    await expect(readPolicySet(folder(files))).rejects.toMatchObject({
      fault,
      message: `${file}:${at}: is not UTF-8: save it in that encoding`,
    });
  });

  const OVERRIDE = { 'override/override.rego': 'package swiftdeploy.override\n' };

  test.each([
    ['', 'package swiftdeploy.override\n', '1:1', 'team', 'swiftdeploy.team'],
    [', in brackets', '# of ours\n  package swiftdeploy["override"]\n', '2:3', 'team', 'swiftdeploy.team'],
    [', of an odd name', 'package swiftdeploy.override\n', '1:1', 'a-team', 'swiftdeploy["a-team"]'],
  ])('the package of another folder%s, by row and column', async (_name, rego, at, team, own) => {
    const files = { ...OVERRIDE, [`${team}/extra.rego`]: rego };
    await expect(readPolicySet(folder(files))).rejects.toMatchObject({
      fault: 'wrong-package',
      message: `${team}/extra.rego:${at}: the package is swiftdeploy.override, and its rules would decide for the domain override: move the file to override/, or write \`package ${own}\``,
    });
  });

  test('but helpers, tests and what has no folder of its own are nobody else’s', async () => {
    const files = {
      ...OVERRIDE,
      'override/more/rules.rego': 'package swiftdeploy.override\n',
      'team/team.rego': 'package swiftdeploy.team\n',
      'team/lib.rego': 'package swiftdeploy.lib\n',
      'team/words.rego': 'package swiftdeploy.override.words\n',
      'tests/override_test.rego': 'package swiftdeploy.override\n',
      'override.rego': 'package swiftdeploy.override\n',
    };
    expect(names(await readPolicySet(folder(files)))).toEqual(['override', 'team']);
  });

  const CURE = 'too: OPA merges data files and takes no value twice; keep it in one of them';

  test.each([
    [
      'one folder',
      { 'x/data.json': '{"limits": {"a": 1, "b": 1}}', 'x/data.yaml': 'limits:\n  b: 2\n' },
      `x/data.yaml: \`data.x.limits.b\` is in x/data.json, ${CURE}`,
    ],
    [
      'the folder above',
      { 'data.json': '{"x": {"limits": 1}}', 'x/data.json': '{"limits": {"a": 1}}' },
      `x/data.json: \`data.x.limits\` is in data.json, ${CURE}`,
    ],
  ])('a value that two data files have, in %s: both are named', async (_where, data, message) => {
    const files = { 'x/x.rego': 'package swiftdeploy.x\n', ...(data as unknown as Record<string, string>) };
    await expect(readPolicySet(folder(files))).rejects.toMatchObject({ fault: 'bad-data', message });
  });

  test('but data files that share no value are one set', async () => {
    const data = { 'x/data.json': '{"limits": {"a": 1}}', 'x/data.yml': 'limits: {b: 2}\nother: [1]\n' };
    const files = {
      'x/x.rego': 'package swiftdeploy.x\n',
      'data.json': '{"x": {"limits": {"c": 3}}}',
      ...data,
    };
    await expect(readPolicySet(folder(files))).resolves.toMatchObject({ domains: [{ name: 'x' }] });
  });

  test('and every character of UTF-8 is taken', async () => {
    const files = { 'x/x.rego': 'package swiftdeploy.x\n# \uFFFD ö 🚀\n', 'x/data.json': '["\uFFFD"]' };
    await expect(readPolicySet(folder(files))).resolves.toMatchObject({ domains: [{ name: 'x' }] });
  });

  test('more than 16 MiB, and more than 1000 files', async () => {
    const big = Object.fromEntries(
      Array.from({ length: 17 }, (_, n) => [`a/${n}.rego`, `${REGO}#${'x'.repeat(1_000_000)}`]),
    );
    await expect(readPolicySet(folder(big))).rejects.toMatchObject({ fault: 'too-large' });
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`a/${n}.rego`, REGO]));
    await expect(readPolicySet(folder(many))).rejects.toMatchObject({ fault: 'too-many' });
  });

  test.each([
    ['nothing', {}],
    ['tests and data only', { 'x/x_test.rego': 'package x_test\n', 'x/data.json': '{}' }],
    ['a library only', { 'lib.rego': 'package lib\n' }],
  ])('a folder in which no domain is, with %s', async (_name, files) => {
    await expect(readPolicySet(folder(files as unknown as Record<string, string>))).rejects.toMatchObject({
      fault: 'no-domain',
      message: 'the policy folder has no domain: a domain is a folder with a .rego file that is no test',
    });
  });

  test('a folder that is missing, or a file', async () => {
    const dir = folder({ file: '' });
    await expect(readPolicySet(join(dir, 'none'))).rejects.toMatchObject({ fault: 'missing', file: '' });
    await expect(readPolicySet(join(dir, 'file'))).rejects.toMatchObject({ fault: 'not-a-folder' });
  });

  test('links to the outside, to nowhere and in a circle', async () => {
    const outside = folder({});
    symlinkSync('/etc/passwd', join(outside, 'a.rego'));
    await expect(readPolicySet(outside)).rejects.toMatchObject({ fault: 'outside', file: 'a.rego' });
    const nowhere = folder({});
    symlinkSync('none', join(nowhere, 'a.rego'));
    await expect(readPolicySet(nowhere)).rejects.toMatchObject({ fault: 'missing', file: 'a.rego' });
    const circle = folder({});
    symlinkSync('.', join(circle, 'a'));
    await expect(readPolicySet(circle)).rejects.toMatchObject({ fault: 'too-deep' });
  });

  test('a pipe does not hold us', async () => {
    const dir = folder({});
    execFileSync('mkfifo', [join(dir, 'a.rego')]);
    await expect(readPolicySet(dir)).rejects.toMatchObject({ fault: 'not-a-file', file: 'a.rego' });
  });

  test('a file without permission', async () => {
    const dir = folder({ 'a/a.rego': REGO });
    chmodSync(join(dir, 'a/a.rego'), 0);
    chmodSync(dir, 0o755);
    await asNobody(async () => {
      await expect(readPolicySet(dir)).rejects.toMatchObject({ fault: 'unreadable', file: 'a/a.rego' });
    });
  });
});

/** Root may read everything, so it becomes somebody else for a moment. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
