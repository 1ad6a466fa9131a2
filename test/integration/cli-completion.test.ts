import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completionScript } from '../../src/cli/completion.js';
import { bashScript } from '../../src/cli/completion/bash.js';
import { completionModel } from '../../src/cli/completion/completion-model.js';
import { FINDERS, SERVICES } from '../../src/cli/completion/finders.js';
import { fishScript } from '../../src/cli/completion/fish.js';
import { zshScript } from '../../src/cli/completion/zsh.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { commandLine } from '../../src/cli/program.js';
import { fishOffers, isHere, ShellSession } from '../support/shell-session.js';

/** What is typed before TAB, and the word that must stand there afterwards. */
const TYPED = [
  ['swiftdeploy pro', 'promote'],
  ['swiftdeploy promote c', 'canary'],
  ['swiftdeploy promote --service app s', 'stable'],
  ['swiftdeploy deploy --timeou', '--timeout'],
  ['swiftdeploy status -o j', 'json'],
  ['swiftdeploy status --output=j', '--output=json'],
  ['swiftdeploy run --listen 127.0.0.1:9464 --on', '--once'],
  ['swiftdeploy explain services.health.dea', 'services.health.deadline'],
  ['swiftdeploy explain conditions.Read', 'conditions.Ready'],
  ['swiftdeploy deploy -f manif', 'manifest.yaml'],
  ['swiftdeploy deploy --manifest=manif', '--manifest=manifest.yaml'],
  ['swiftdeploy deploy --state-dir sta', 'state'],
  ['swiftdeploy wait --for condition=Stal', 'condition=Stalled'],
  ['swiftdeploy wait --for=condition=InS', '--for=condition=InSync'],
  ['swiftdeploy help teard', 'teardown'],
  ['swiftdeploy completion z', 'zsh'],
  ['swiftdeploy polic', 'policies'],
  ['swiftdeploy policies hist', 'history'],
  ['swiftdeploy policies test --policies sta', 'state'],
  ['swiftdeploy policies --no-c', '--no-color'],
  ['swiftdeploy policies explain --ques', '--question'],
  ['swiftdeploy policies explain infrastructure --question heal --tra', '--trace'],
  ['swiftdeploy policies explain --question start', 'start_canary'],
  ['swiftdeploy policies explain infra', 'infrastructure'],
  ['swiftdeploy policies explain free', 'freeze'],
  ['swiftdeploy suspend w', 'web'],
  ['swiftdeploy suspend web a', 'api'],
  ['swiftdeploy rollout pause --service we', 'web'],
  ['swiftdeploy promote canary --service=ap', '--service=api'],
] as const;

const MANIFEST = `name: shop
services:
  # those that people see
  web: # the pages
    image: web:1
    env: { a: b }
  api:
    image: api:1
nginx: { port: 8080 }
`;

const SPACED = ['swiftdeploy deploy -f my', 'my other manifest.yaml'] as const;

let dir = '';
const program = commandLine(COMMANDS, () => undefined);

async function scriptFor(shell: 'bash' | 'zsh' | 'fish', text = completionScript(program, shell)) {
  const path = join(dir, `completion.${shell}`);
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd tab-'));
  for (const name of ['state', 'policies/freeze']) await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, 'manifest.yaml'), MANIFEST);
  await writeFile(join(dir, 'my other manifest.yaml'), '');
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** Interactive shells on a busy machine. */
const SLOW = { timeout: 60_000 };

describe.each(['bash', 'zsh'] as const)('TAB in %s (skipped where it is not installed)', SLOW, (shell) => {
  test.skipIf(!isHere(shell) || !isHere('script'))('completes what was typed', async () => {
    const session = await ShellSession.open(shell, { dir, script: await scriptFor(shell) });
    try {
      for (const [line, word] of [...TYPED, SPACED])
        expect((await session.complete(line)).at(-1)?.replace(/\/$/, ''), line).toBe(word);
    } finally {
      await session.close();
    }
  });

  test.skipIf(!isHere(shell) || !isHere('script'))(
    'survives quotes, colons and brackets in a help text',
    async () => {
      const model = completionModel(awkward(), {
        condition: { kind: 'words', words: ['condition=Ready', 'condition=Stalled'] },
      });
      const text = shell === 'bash' ? bashScript(model) : zshScript(model);
      const session = await ShellSession.open(shell, { dir, script: await scriptFor(shell, text) });
      try {
        expect((await session.complete('swiftdeploy wai')).at(-1)).toBe('wait');
        expect((await session.complete('swiftdeploy wait --for=condition=R')).at(-1)).toBe(
          '--for=condition=Ready',
        );
        expect((await session.complete('swiftdeploy wait --for condition=S')).at(-1)).toBe(
          'condition=Stalled',
        );
      } finally {
        await session.close();
      }
    },
  );
});

describe('the services that a shell finds in the manifest', () => {
  test.each([
    ['the names of several', MANIFEST, 'web\napi\n'],
    ['the name of the only one', 'services:\r\n  name: "app"\r\n  image: app:1\r\n', 'app\n'],
    ['nothing that it could run', 'services:\n  name: $(touch${IFS}ran)\n  image: app:1\n', ''],
    ['nothing where it is broken', 'services: [', ''],
    ['nothing where it is not there', undefined, ''],
  ])('%s', async (_, text, names) => {
    const cwd = await mkdtemp(join(dir, 'found-'));
    if (text !== undefined) await writeFile(join(cwd, 'manifest.yaml'), text);
    const { stdout, stderr } = spawnSync('sh', ['-c', FINDERS[SERVICES] ?? ''], { cwd, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual([names, '']);
  });
});

describe('TAB in fish (skipped where it is not installed)', SLOW, () => {
  test.skipIf(!isHere('fish'))('offers what was typed for', async () => {
    const lines = [...TYPED, SPACED];
    const script = await scriptFor('fish');
    const offers = fishOffers(
      script,
      dir,
      lines.map(([line]) => line),
    );
    for (const [index, [line, word]] of lines.entries())
      expect(
        offers[index]?.map((offer) => offer.replace(/\/$/, '')),
        line,
      ).toContain(word);
  });

  test.skipIf(!isHere('fish'))('survives quotes, colons and brackets in a help text', async () => {
    const model = completionModel(awkward(), { condition: { kind: 'words', words: ['condition=Ready'] } });
    const script = await scriptFor('fish', fishScript(model));
    expect(fishOffers(script, dir, ['swiftdeploy wai', 'swiftdeploy wait --for '])).toEqual([
      ['wait'],
      ['condition=Ready'],
    ]);
  });
});

function awkward(): Command {
  const awful = `it's [sure]: "that", \\ and $(this) \`too\``;
  const root = new Command('swiftdeploy');
  root.command('wait').summary(awful).addOption(new Option('--for <condition>', awful));
  return root;
}
