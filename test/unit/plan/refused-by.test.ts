/** Last words: of Node and nginx as they said them on a real engine (Docker 20.10, node 20, nginx 1.30), in containers made as ours are; of Python, shells, `mount` and sudo as they are known. */
import { describe, expect, test } from 'vitest';
import { refusedBy } from '../../../src/reconcilers/plan/refused-by.js';
import { service } from '../../support/model/stacks.js';

const { container } = service();

function made({ user, capAdd = [], readOnly = false }: Partial<typeof container.security>) {
  const security = { ...(user === undefined ? {} : { user }), capAdd, readOnly, tmpfs: [] };
  return { ...container, resources: { pids: 14 }, security };
}

const ROOT = { user: '0:0' };
const SOMEBODY = { user: '1000:1000' };

const CHOWN = "Error: EPERM: operation not permitted, chown '/tmp'";
const SETGID = 'Error: EPERM, Operation not permitted\n    at process.setgid (node:internal/bootstrap)';
const NGINX_CHOWN = '[emerg] 1#1: chown("/var/lib/nginx/body", 101) failed (1: Operation not permitted)';
const LISTEN = 'Error: listen EACCES: permission denied 0.0.0.0:80';
const EROFS = "Error: EROFS: read-only file system, open '/app.log'";
const NGINX_EROFS = '[emerg] 1#1: mkdir() "/var/lib/nginx/body" failed (30: Read-only file system)';

describe('a program that died of', () => {
  test.each([
    [
      'CHOWN, as root',
      ROOT,
      CHOWN,
      'it runs as 0:0 without CHOWN, which cap_drop: ALL takes: set cap_add: [CHOWN]',
    ],
    ['CHOWN in nginx', ROOT, NGINX_CHOWN, 'set cap_add: [CHOWN]'],
    ['CHOWN, as somebody', SOMEBODY, CHOWN, 'set user: "0:0" and cap_add: [CHOWN], or let it do without'],
    ['SETGID', ROOT, SETGID, 'set cap_add: [SETGID, SETUID]'],
    ['the one of two that it has not', { ...ROOT, capAdd: ['SETGID'] }, SETGID, 'set cap_add: [SETUID]'],
    ['a port below 1024, as root', ROOT, LISTEN, 'set cap_add: [NET_BIND_SERVICE]'],
    ['a port below 1024, as somebody', SOMEBODY, LISTEN, 'may not listen on a port below 1024 here'],
    [
      "somebody's file, as root",
      ROOT,
      "Error: EACCES: permission denied, open '/data/x'",
      'cap_add: [DAC_OVERRIDE]',
    ],
    ['another capability', ROOT, 'mount: /mnt: Operation not permitted', 'set cap_add to the one that'],
    [
      'the process limit, in a child',
      SOMEBODY,
      'Error: spawn /usr/local/bin/node EAGAIN',
      'may have 14 processes',
    ],
    [
      'the process limit, in a worker',
      SOMEBODY,
      "Error: EAGAIN\n  code: 'ERR_WORKER_INIT_FAILED'",
      'resources.pids',
    ],
    ['the process limit, in Python', {}, "RuntimeError: can't start new thread", 'resources.pids'],
    ['the process limit, in a shell', {}, 'sh: 1: Cannot fork', 'resources.pids'],
    ['a read-only file system', { ...SOMEBODY, readOnly: true }, EROFS, 'read_only: true'],
    ['the same in nginx', { ...ROOT, readOnly: true }, NGINX_EROFS, 'a volume or a place in tmpfs'],
    [
      'no-new-privileges',
      SOMEBODY,
      'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
      'no-new-privileges holds for every container',
    ],
  ])('%s is told which it was', (_what, security, said, words) => {
    expect(refusedBy(made(security), said)).toContain(words);
  });

  test.each([
    ['nothing that it said', ROOT, ''],
    ['something else', ROOT, 'Error: connect ECONNREFUSED 127.0.0.1:5432'],
    ['a socket that is busy', SOMEBODY, 'read: EAGAIN'],
    ['a mount that the manifest makes read-only', SOMEBODY, EROFS],
    ['what it has the capability for', { ...ROOT, capAdd: ['NET_BIND_SERVICE', 'DAC_OVERRIDE'] }, LISTEN],
    ['a user that we chose: that has words of its own', {}, CHOWN],
  ])('%s is told nothing', (_what, security, said) => {
    expect(refusedBy(made(security), said)).toBeUndefined();
  });
});
