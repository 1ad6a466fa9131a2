import { describe, expect, test } from 'vitest';
import { explainFailure, GitFailure } from '../../../../src/controller/git/git-failure.js';
import { cleaner } from '../../../../src/controller/git/redact.js';

const clean = cleaner([{ username: 'git', token: 's3cret' }]);

describe('what git said', () => {
  test.each([
    ["fatal: could not read Username for 'https://example.com': terminal prompts disabled", 'AuthFailed'],
    [
      "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://example.com/'",
      'AuthFailed',
    ],
    [
      'git@example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
      'AuthFailed',
    ],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'HostKeyUnknown'],
    [
      'No ED25519 host key is known for example.com and you have requested strict checking.',
      'HostKeyUnknown',
    ],
    ["fatal: couldn't find remote ref refs/heads/x", 'RefNotFound'],
    ["fatal: transport 'file' not allowed", 'Unreachable'],
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'Unreachable'],
    ['fatal: write error: No space left on device', 'NotStored'],
    ['something new', 'Unreachable'],
    ['', 'Unreachable'],
  ])('%j is %s', (stderr, reason) => {
    expect(explainFailure(new GitFailure(stderr), clean).reason).toBe(reason);
  });

  test('is shown on one line, without what is secret or steers a terminal', () => {
    const basic = Buffer.from('git:s3cret').toString('base64');
    const stderr = `remote: x\nfatal: \u001b[31mno https://ann:pw@example.com/ s3cret ${basic}\n`;
    const { message } = explainFailure(new GitFailure(stderr), clean);
    expect(message).toBe('git could not read the repository (git: [31mno https://***@example.com/ *** ***)');
  });
});
