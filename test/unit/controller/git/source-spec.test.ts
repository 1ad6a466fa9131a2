import { describe, expect, test } from 'vitest';
import { parseSourceFile } from '../../../../src/reconcilers/desired/source-file.js';
import { parseGitOption, SOURCE_DEFAULTS } from '../../../../src/controller/git/source-spec.js';

function problemOf(text: string): string {
  const result = parseGitOption(text, '/srv');
  return result.ok ? '' : result.problems.join('\n');
}

function problemsOf(text: string): readonly string[] {
  const result = parseSourceFile(text, '/srv/app/source.yaml');
  return result.ok ? [] : result.problems;
}

describe('--git', () => {
  test.each([
    ['https://git.example.com/a/b.git', 'https://git.example.com/a/b.git', { kind: 'default' }],
    ['https://git.example.com/a#main', 'https://git.example.com/a', { kind: 'name', name: 'main' }],
    ['git@example.com:a/b.git#v1.2.3', 'git@example.com:a/b.git', { kind: 'name', name: 'v1.2.3' }],
    ['ssh://git@example.com:22/b#team/x', 'ssh://git@example.com:22/b', { kind: 'name', name: 'team/x' }],
    ['file:///srv/my%20repo#semver:^1.2', '/srv/my repo', { kind: 'semver', range: '^1.2' }],
    ['../repo.git', '/repo.git', { kind: 'default' }],
    ['./größe', '/srv/größe', { kind: 'default' }],
  ])('%s', (text, url, ref) => {
    expect(parseGitOption(text, '/srv')).toEqual({ ok: true, spec: { ...SOURCE_DEFAULTS, url, ref } });
  });

  test.each([
    ['', 'has no URL'],
    ['ext::sh -c id', 'names a remote helper'],
    ['fd::17', 'names a remote helper'],
    ['-oProxyCommand=id', 'starts with "-"'],
    ['ftp://example.com/a', 'has a URL with "ftp://"'],
    ['file://host/a', 'without an absolute path of this host'],
    ['https://example.com/a#', 'has nothing after "#"'],
    ['https://example.com/a#semver:x.y.z.w', 'has no range of versions'],
    ['https://example.com/a#a..b', 'has a ref that git does not allow (got "a..b")'],
    ['https://example.com/a#--upload-pack=id', 'has a ref that git does not allow'],
    ['https://example.com/a#a:b', 'has a ref that git does not allow'],
  ])('refuses %s', (text, words) => {
    expect(problemOf(text)).toContain(words);
  });

  test.each([
    'https://ann:s3cret@example.com/a',
    'https://s3cret@example.com/a',
    'ssh://ann:s3cret@example.com/a',
  ])('refuses a secret in the URL, and does not repeat it: %s', (text) => {
    expect(problemOf(text)).toContain('credentials.token_file');
    expect(problemOf(text)).not.toContain('s3cret');
  });
});

describe('source.yaml', () => {
  test('with everything in it', () => {
    const text = `
url: https://git.example.com/a.git
ref: semver:~2.1
path: stacks/a b/manifest.yaml
poll: 1m30s
timeout: 20
max_size: 1g
submodules: true
prune: true
credentials: {token_file: ../token, username: oauth2}
verify: {mode: tag, keys: keys}
webhook: {secret_file: /run/hook}
`;
    expect(parseSourceFile(text, '/srv/app/source.yaml')).toEqual({
      ok: true,
      spec: {
        url: 'https://git.example.com/a.git',
        ref: { kind: 'semver', range: '~2.1' },
        path: 'stacks/a b/manifest.yaml',
        pollMs: 90_000,
        limits: { maxBytes: 1024 ** 3, timeoutMs: 20_000 },
        submodules: true,
        prune: true,
        credentials: { tokenFile: '/srv/token', username: 'oauth2' },
        verify: { mode: 'tag', keys: '/srv/app/keys' },
        webhook: { secretFile: '/run/hook' },
      },
    });
  });

  test('with no more than the URL, which counts from its folder', () => {
    expect(parseSourceFile('url: ../repo.git', '/srv/app/source.yaml')).toEqual({
      ok: true,
      spec: { ...SOURCE_DEFAULTS, url: '/srv/repo.git' },
    });
  });

  test.each([
    ['ref: main', 'source.yaml:1:1 url is required'],
    ['', 'source.yaml:1:1 must be a mapping (got nothing)'],
    ['url: a\nrev: main', 'source.yaml:2:6 rev is not a known key, did you mean `ref`?'],
    ['url: a\nref: 1.0', 'source.yaml:2:6 ref must be text (put it in quotes) (got 1)'],
    ['url: a\nref: "a b"', 'source.yaml:2:6 ref has a ref that git does not allow (got "a b")'],
    [
      'url: a\npath: ../x.yaml',
      'source.yaml:2:7 path must be a relative path inside the repository (got "../x.yaml")',
    ],
    ['url: a\npath: /x.yaml', 'must be a relative path inside'],
    ['url: a\npath: a/.git/x', 'must be a relative path inside'],
    [
      'url: a\npoll: often',
      'poll must be a duration such as 30s or 5m, or a number of seconds (got "often")',
    ],
    ['url: a\npoll: 10ms', 'poll must be >= 1s (got "10ms")'],
    ['url: a\nmax_size: 1k', 'max_size must be >= 1m (got "1k")'],
    ['url: a\nverify: {mode: all, keys: k}', 'verify.mode must be one of head, tag (got "all")'],
    ['url: a\nverify: {mode: tag, keys: k}', 'source.yaml:2:16 verify.mode "tag" needs a ref that is a tag'],
    [
      'url: a\ncredentials: {token_file: a, helper: b}',
      'credentials must have token_file or helper, not both',
    ],
    ['url: [', 'is no YAML'],
  ])('refuses %j', (text, words) => {
    expect(problemsOf(text).join('\n')).toContain(words);
  });

  test('never repeats an address that holds a secret', () => {
    const problems = problemsOf('url: https://ann:s3cret@example.com/a\n');
    expect(problems.join('\n')).toContain('/srv/app/source.yaml:1:6 url has a user or password');
    expect(problems.join('\n')).not.toContain('s3cret');
  });
});

test('a source.yaml that nests without end is refused', () => {
  expect(problemsOf('{'.repeat(20_000))).toEqual(['/srv/app/source.yaml is nested too deeply']);
});
