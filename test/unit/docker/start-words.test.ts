import { expect, test } from 'vitest';
import { startWords } from '../../../src/reconcilers/docker/start-words.js';

test.each([
  [
    'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory: unknown',
    'exec: "/nope": stat /nope: no such file or directory',
  ],
  [
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/etc/passwd": permission denied: unknown',
    'exec: "/etc/passwd": permission denied',
  ],
  [
    'unable to find user nobodyatall: no matching entries in passwd file',
    'unable to find user nobodyatall: no matching entries in passwd file',
  ],
])('why a container did not start: %s', (error, words) => {
  expect(startWords(error)).toBe(words);
});
