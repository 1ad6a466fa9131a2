/** Follows repositories of a folder through a git daemon of its own, until SIGTERM: `git-poller.mjs FOLDER NAME.git …`. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { GitSource } from '../src/controller/git/git-source.js';
import { parseGitOption } from '../src/controller/git/source-spec.js';

const DAEMON_START_MS = 1000;

const [folder, ...names] = process.argv.slice(2);
const port = await freePort();
const daemon = spawn(
  'git',
  ['daemon', '--export-all', `--base-path=${folder}`, '--listen=127.0.0.1', `--port=${port}`, folder],
  // A child that is never waited for: its time is not the poller's.
  { stdio: 'ignore', detached: true },
);
await sleep(DAEMON_START_MS);
const home = await mkdtemp(join(tmpdir(), 'swd-bench-poller-'));
const sources = names.map((name) => {
  const { spec } = parseGitOption(`git://127.0.0.1:${port}/${name}`, '/');
  return new GitSource({ spec, dir: join(home, name), onChange: () => undefined });
});
process.once('SIGTERM', async () => {
  await Promise.all(sources.map((source) => source.stop()));
  process.kill(-daemon.pid, 'SIGKILL');
  await rm(home, { recursive: true, force: true });
  process.exit();
});
for (const source of sources) await source.start();

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
