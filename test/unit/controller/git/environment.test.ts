import { describe, expect, test } from 'vitest';
import { gitConfigText, gitEnvironment } from '../../../../src/controller/git/environment.js';
import { SOURCE_DEFAULTS } from '../../../../src/controller/git/source-spec.js';

function environmentOf(url: string, credentials = {}) {
  return gitEnvironment({ url, credentials }, '/state/git.config', '/state/mirror.git');
}

describe('what git sees', () => {
  test.each([
    ['/srv/repo.git', 'file'],
    ['https://example.com/a', 'https'],
    ['http://example.com/a', 'http:https'],
    ['ssh://git@example.com/a', 'ssh'],
    ['git@example.com:a', 'ssh'],
    ['git://example.com/a', 'git'],
  ])('%s is reached by %s alone', (url, protocols) => {
    expect(environmentOf(url)['GIT_ALLOW_PROTOCOL']).toBe(protocols);
  });

  test('no configuration but ours, no prompt, a strict ssh', () => {
    const environment = environmentOf('git@example.com:a', { sshKey: "/k/it's 100%", knownHosts: '/k/a b' });
    expect(environment).toMatchObject({
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/state/git.config',
      GIT_TERMINAL_PROMPT: '0',
      GIT_LFS_SKIP_SMUDGE: '1',
    });
    expect(environment['GIT_SSH_COMMAND']).toBe(
      `ssh -o 'BatchMode=yes' -o 'StrictHostKeyChecking=yes' -o 'ConnectTimeout=15' -o 'ServerAliveInterval=15'` +
        ` -o 'IdentitiesOnly=yes' -o 'IdentityFile="/k/it'\\''s 100%%"' -o 'UserKnownHostsFile="/k/a b"' -o 'GlobalKnownHostsFile=/dev/null'`,
    );
  });

  test('a token helper for the named server alone, and by the path of the file', () => {
    const spec = {
      ...SOURCE_DEFAULTS,
      url: 'https://example.com:8443/a',
      credentials: { tokenFile: '/k/token' },
    };
    const text = gitConfigText(spec);
    expect(text).toContain('[credential "https://example.com:8443"]');
    expect(text).toContain('hooksPath = "/dev/null"');
    expect(text).not.toContain('/k/token');
    expect(gitConfigText({ ...spec, url: '/srv/a' })).not.toContain('[credential');
  });
});
