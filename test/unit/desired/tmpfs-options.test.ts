/** What Docker 20.10 and the kernel said to each of these was tried on a real engine. */
import { describe, expect, test } from 'vitest';
import { refuseTmpfs } from '../../../src/reconcilers/desired/tmpfs-options.js';

describe('an entry of tmpfs', () => {
  test.each([
    '/x',
    '/x:size=10m',
    '/x:size=10M',
    '/x:size=50%',
    '/x:size=0',
    '/x:size=1T',
    '/x:size=0x100000',
    '/x:size=10m,size=20m',
    '/x:mode=1777,uid=1000,gid=0',
    '/x:mode=0',
    '/x:nr_inodes=10k,nr_blocks=100',
    '/x:mpol=default',
    '/x:rw,exec,suid,dev',
    '/x:defaults',
    '/x:ro,noexec,nosuid,nodev,noatime,strictatime,nomand,async,rprivate',
  ])('that a real engine mounts is taken: %s', (entry) => {
    expect(refuseTmpfs(entry)).toBeUndefined();
  });

  const size = 'size must be whole bytes, such as 64m or 1g, or a share of the memory, such as 50%';
  test.each([
    ['/x:size=lots', `has size=lots: ${size}`],
    ['/x:size=10mb', `has size=10mb: ${size}`],
    ['/x:size=1.5m', `has size=1.5m: ${size}`],
    ['/x:size=', `has size=: ${size}`],
    ['/x:size', `has size: ${size}`],
    ['/x:rw,mode=999', 'has mode=999: mode must be an octal number, such as 1777'],
    ['/x:mode=0o77', 'has mode=0o77: mode must be an octal number, such as 1777'],
    ['/x:uid=abc', 'has uid=abc: uid must be a number, not a name'],
    ['/x:uid=-1', 'has uid=-1: uid must be a number, not a name'],
    ['/x:gid=4294967296', 'has gid=4294967296: gid must be a number, not a name'],
    ['/x:nr_inodes=x', 'has nr_inodes=x: nr_inodes must be a number, such as 1000 or 10k'],
    ['/x:mpol=nope', 'has mpol=nope: mpol must be one of default, prefer, interleave, local'],
    ['/x:noexce', 'has the option "noexce", which a tmpfs does not have: did you mean noexec?'],
    ['/x:SIZE=1m', 'has the option "SIZE", which a tmpfs does not have: did you mean size?'],
    [
      '/x:huge=always',
      'has the option "huge", which a tmpfs does not have: write size, mode, uid, gid, ro, noexec …',
    ],
    ['/x:ro=1', 'has a value for ro, which takes none'],
    ['/x:ro,', 'has a comma, or a colon, with no option after it'],
    ['/x:constructor=1', expect.stringContaining('"constructor", which a tmpfs does not have')],
    ['/x:bind', expect.stringContaining('"bind", which a tmpfs does not have')],
    ['/x:remount', expect.stringContaining('"remount", which a tmpfs does not have')],
  ])('that a real engine refuses is refused before: %s', (entry, words) => {
    expect(refuseTmpfs(entry)).toEqual(words);
  });
});
