/** Where a command's output goes, as a shell sees it: pipes that close, disks that are full, no stdout at all. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PROGRAM } from '../support/program.js';

/** `swd` stands for the command; the shell's own exit codes of a pipe are in PIPESTATUS. */
function bash(line: string) {
  const script = `swd() { "${process.execPath}" "${PROGRAM}" "$@"; }\n${line}`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  return { stdout, stderr, status };
}

test('a reader that has seen enough is no failure, and nobody is told', () => {
  expect(bash('swd explain --recursive | head -1; exit ${PIPESTATUS[0]}')).toEqual({
    stdout: expect.stringMatching(/^name .*\n$/) as string,
    stderr: '',
    status: 0,
  });
  expect(bash('swd explain -o json | true; exit ${PIPESTATUS[0]}')).toMatchObject({ stderr: '', status: 0 });
});

test('a full disk behind stdout is', () => {
  const { stderr, status } = bash('swd explain > /dev/full');
  expect(stderr).toBe(
    'the output is not complete: a file cannot be read or written: there is no space left on the disk\n',
  );
  expect(status).toBe(1);
});

test('what nobody caught asks for a report; what a disk refused, even there, is a sentence', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'swd-plant-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const planted = async (error: string) => {
    const whenReady = `(name) => name === 'uncaughtException' && setImmediate(() => { throw ${error}; })`;
    await writeFile(join(dir, 'plant.mjs'), `process.on('newListener', ${whenReady});`);
    return bash(`NODE_OPTIONS="--import ${join(dir, 'plant.mjs')}" swd explain --recursive`);
  };
  const bug = await planted("new TypeError('x is not a function')");
  expect(bug.stderr).toMatch(
    /^this should not have happened, please report it: x is not a function\nTypeError/,
  );
  expect(bug.status).toBe(1);
  const full = await planted("Object.assign(new Error('x'), { code: 'ENOSPC' })");
  expect(full.stderr).toBe('a file cannot be read or written: there is no space left on the disk\n');
  expect(full.status).toBe(1);
});

test('without stdout or stderr, commands end as ever', () => {
  expect(bash('swd explain >&-')).toMatchObject({ stderr: '', status: 0 });
  expect(bash('swd explain services.helth 2>&-')).toMatchObject({ stdout: '', status: 1 });
});
