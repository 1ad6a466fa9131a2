/** `status --watch` as a person has it: in a terminal, and in a pipe. No engine is needed: the files are a scene's. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SCENE_DIR } from '../support/scene/scene.js';
import { PROGRAM } from '../support/program.js';
import { Terminal } from '../support/terminal.js';
import { until } from '../support/until.js';

const SCENE_MS = Date.parse('2026-05-05T20:55:22.000Z');
/** So long ago that ages in words stand still while a test looks. */
const AGE_MS = 3.25 * 3_600_000;
const ENV = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
/** Of ours, which nobody can cause by a file: a name that nothing can be joined with. */
const BUG = encodeURIComponent(`
  const { join } = Array.prototype;
  Array.prototype.join = function (...given) {
    const text = join.apply(this, given);
    if (text.startsWith('unlucky')) throw new TypeError('planted');
    return text;
  };
`).replaceAll("'", '%27');
const SETTLED = /the container engine does not/;

let dir = '';
let terminal: Terminal | undefined;
let child: ChildProcess | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swd watch-'));
  for (const name of ['status.json', 'history.jsonl'])
    await put(name, aged(await readFile(join(SCENE_DIR, name), 'utf8')));
});

afterEach(async () => {
  terminal?.close();
  child?.kill('SIGKILL');
  [terminal, child] = [undefined, undefined];
  await rm(dir, { recursive: true, force: true });
});

/** Every time in it as far from now as it was from the scene's, and a few hours more. */
function aged(text: string): string {
  const shiftMs = Date.now() - AGE_MS - SCENE_MS;
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
    new Date(Date.parse(time) + shiftMs).toISOString(),
  );
}

/** As the controller writes: nobody sees half a file. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(join(dir, `.${name}.tmp`), text);
  await rename(join(dir, `.${name}.tmp`), join(dir, name));
}

async function edit(change: (text: string) => string): Promise<void> {
  await put('status.json', change(await readFile(join(dir, 'status.json'), 'utf8')));
}

async function watch(
  columns: number,
  rows: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  terminal = Terminal.open({
    columns,
    rows,
    cwd: dir,
    env: { ...ENV, ...env },
    command: [process.execPath, PROGRAM, 'status', '--watch'],
  });
  await terminal.shows(SETTLED);
  return terminal;
}

function withoutClock(screen: string): string {
  return `\n${screen.replace(/\d\d:\d\d:\d\d UTC/, 'HH:MM:SS UTC')}`;
}

async function expectGivenBack(opened: Terminal, exit: RegExp): Promise<void> {
  const after = await opened.shows(exit);
  expect(opened.isOrdinary()).toBe(true);
  expect(await opened.shows(/ icanon /)).toMatch(/ echo /);
  expect(after).not.toMatch(/SERVICE|LAST EVENTS/);
}

describe.skipIf(!Terminal.isThere())('in a terminal (needs tmux)', () => {
  test('fits three sizes, and follows when they change', async () => {
    const opened = await watch(80, 24);
    const first = await opened.still(withoutClock);
    expect(first).toMatchSnapshot('80x24');
    const resized = async (columns: number, rows: number) => {
      opened.resize(columns, rows);
      await opened.shows(new RegExp(`^(.*\\n){${String(rows - 1)}}.*UTC\\n$`));
      return opened.still(withoutClock);
    };
    expect(await resized(60, 15)).toMatchSnapshot('60x15');
    expect(await resized(120, 40)).toMatchSnapshot('120x40');
    expect(await resized(80, 24)).toBe(first);
  });

  test('obeys its keys, sees what changes, and says with its exit code that it was not Ready', async () => {
    const opened = await watch(80, 24);
    await opened.shows(/^› app/m);
    opened.press('j');
    await opened.shows(/^› web(.*\n)+web · mode stable/m);
    opened.press('Up');
    await opened.shows(/^› app/m);
    opened.press('BTab');
    await opened.shows(/^› mailer/m);
    opened.press('?');
    await opened.shows(/KEYS(.*\n)+.*exit code 130/);
    opened.press('Tab');
    await opened.shows(/^› app/m);
    await edit((text) => text.replace('"requestsPerSecond": 158.1', '"requestsPerSecond": 321.5'));
    await opened.shows(/ 321\.5 /);
    await rm(join(dir, 'status.json'));
    await opened.shows(/! what follows was seen last: there is no /);
    opened.press('q');
    await expectGivenBack(opened, /exit 1/);
  });

  test('ends with 0 when the stack is Ready', async () => {
    await edit((text) => text.replace('"status": "False"', '"status": "True"'));
    const opened = await watch(80, 24);
    opened.press('q');
    await expectGivenBack(opened, /exit 0/);
  });

  test('Ctrl-C ends it with 130', async () => {
    const opened = await watch(80, 24);
    opened.press('C-c');
    await expectGivenBack(opened, /exit 130/);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s too', async (signal) => {
    const opened = await watch(80, 24);
    process.kill(opened.commandPid(), signal);
    await expectGivenBack(opened, /exit 130/);
  });

  test('an error gives the terminal back before it is told', async () => {
    const opened = await watch(120, 40, { NODE_OPTIONS: `--import "data:text/javascript,${BUG}"` });
    await edit((text) => text.replaceAll('"app"', '"unlucky"'));
    await expectGivenBack(opened, /this should not have happened(.*\n)+exit 1/);
  });

  test('without UTF-8 it is ASCII', async () => {
    const opened = await watch(80, 24, { LC_ALL: 'C' });
    const screen = await opened.still(withoutClock);
    expect(screen).toMatch(/^> app(.*\n)+ {2}stable \.+ canary 100 %/m);
    expect(screen).not.toMatch(/[^\x00-\x7f]/);
  });

  test('without colours it has none', async () => {
    const opened = await watch(80, 24, { NO_COLOR: '1' });
    expect(opened.styledScreen()).not.toContain('\u001B[');
    opened.close();
    const coloured = await watch(80, 24);
    expect(coloured.styledScreen()).toContain('\u001B[31m✘ Stalled');
  });
});

describe('without a terminal', () => {
  interface Watched {
    stdout: string;
    end: number | NodeJS.Signals | undefined;
  }

  function piped(): Watched {
    const watched: Watched = { stdout: '', end: undefined };
    const args = [PROGRAM, 'status', '--watch', '--interval', '1s'];
    child = spawn(process.execPath, args, { cwd: dir, env: { ...process.env, ...ENV, FORCE_COLOR: '0' } });
    child.stdout?.on('data', (chunk: Buffer) => (watched.stdout += chunk.toString('utf8')));
    child.once('exit', (code, signal) => (watched.end = code ?? signal ?? -1));
    return watched;
  }

  test('it prints a block per look, in plain text, until interrupted', async () => {
    const watched = piped();
    await until('three blocks', () => watched.stdout.match(/^── /gm)?.length === 3);
    child?.kill('SIGINT');
    expect(await until('it ends', () => watched.end)).toBe(130);
    const blocks = watched.stdout.split(/^── .*Z\n/m).slice(1);
    expect(blocks[0]).toMatch(
      /^shop {2}✘ Stalled(.*\n)+ {7}! cpu_load_per_core is 3\.1, maximum allowed is 2\.0/,
    );
    expect(new Set(blocks).size).toBe(1);
    expect(watched.stdout).not.toContain('\u001B');
  });

  test('it ends when nobody reads any more', async () => {
    const watched = piped();
    await until('a block', () => watched.stdout.includes('── '));
    child?.stdout?.destroy();
    expect(await until('it ends', () => watched.end)).toBe(1);
  });
});
