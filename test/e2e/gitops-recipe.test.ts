/** The first deploy of docs/gitops.md, command by command as it stands there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { checkRecords } from '../support/records.js';
import { Stack } from '../support/stack.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const stack = new Stack();
afterAll(() => stack.dispose());

/** The commands of the page's first block, with a repository in the test's folder. */
async function recipe(): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/gitops.md'), 'utf8');
  const commands = /^```sh\n([^]*?)^```$/m.exec(page)?.[1] ?? '';
  return commands.replaceAll('/srv/', `${stack.dir}/`);
}

/** As a person has it: the command on the PATH, a name and an address for commits. */
async function shell(script: string) {
  const bin = join(stack.dir, 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(join(ROOT, 'swiftdeploy'), join(bin, 'swiftdeploy')).catch(() => undefined);
  const person = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.com' };
  const env = {
    ...process.env,
    ...person,
    GIT_COMMITTER_NAME: person.GIT_AUTHOR_NAME,
    GIT_COMMITTER_EMAIL: person.GIT_AUTHOR_EMAIL,
    PATH: `${bin}:${process.env.PATH ?? ''}`,
  };
  const options = { cwd: stack.dir, env, detached: true, stdio: 'pipe' } as const;
  const child = spawn('bash', ['-euc', script], options);
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  return { child, said, ended: once(child, 'exit') };
}

test('five commands deploy, a push deploys the next version, Ctrl-C leaves it running', async () => {
  await stack.prepare();
  const commands = await recipe();
  expect(commands.trim().split('\n')).toHaveLength(5);
  const run = await shell(commands);
  const explain = () => run.said.text;
  await stack.serves('1', { explain });

  stack.app.version = '2';
  await writeFile(join(stack.dir, 'shop/manifest.yaml'), stringify(stack.manifest));
  const push = await shell('cd shop && git commit -qam "version 2" && git push -q origin HEAD:main');
  expect(await push.ended).toEqual([0, null]);
  await stack.serves('2', { explain });

  const status = await shell('cd stack && swiftdeploy status');
  await status.ended;
  expect(status.said.text).toMatch(/main at [0-9a-f]{12}: version 2 \(Ann <ann@example.com>\)/);
  if (run.child.pid !== undefined) process.kill(-run.child.pid, 'SIGINT');
  await run.ended;
  expect(await stack.servedVersion()).toBe('2');
  await checkRecords(join(stack.dir, 'stack/status.json'), join(stack.dir, 'stack/history.jsonl'));
});
