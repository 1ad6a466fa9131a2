/** A canary of the sample workload on the real engine, under load, watched in a terminal. Leaves nothing of it behind. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../../test/support/free-port.js';
import { manifestOf, workload } from '../../test/support/manifest.js';
import { PROGRAM } from '../../test/support/program.js';
import { copyShippedPolicies } from '../../test/support/shipped-policies.js';
import { Terminal } from '../../test/support/terminal.js';

export const SIZE = { columns: 104, rows: 34 };

const HOSTS = ['shop.example.com', 'web.example.com'];
/** Of each host, 40 a second. */
const PAUSE_MS = 25;
/** As long as it takes until both tracks have a past to draw. */
const WATCHED_MS = 75_000;
const CANARY = { steps: [{ weight: 25, hold: '20s' }, { weight: 50, hold: '10m' }, { weight: 100 }] };

/** What the terminal shows at the end, with the escape sequences of its colours. */
export async function recordScreen(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'swiftdeploy-recording-'));
  const port = await freePort();
  await prepare(dir, port);
  const controller = spawn(process.execPath, [PROGRAM, 'run', '--listen', 'off'], { cwd: dir });
  try {
    swiftdeploy(dir, 'wait', '--for=condition=Ready', '--timeout=120s');
    return await underLoad(port, () => watchCanary(dir));
  } finally {
    controller.kill('SIGTERM');
    await once(controller, 'exit');
    swiftdeploy(dir, 'teardown', '--clean', '--volumes', '--yes');
    await rm(dir, { recursive: true });
  }
}

/** A shop and a web page, each one replica. */
async function prepare(dir: string, proxy: number): Promise<void> {
  const ports = { proxy, opa: await freePort() };
  const services = {
    shop: workload({ version: '1.4.0', route: { host: HOSTS[0], path: '/' } }),
    web: workload({ version: '2.0.3', route: { host: HOSTS[1], path: '/' } }),
  };
  await writeFile(join(dir, 'manifest.yaml'), stringify(manifestOf('shop', ports, services)));
  await copyShippedPolicies(dir);
}

async function watchCanary(dir: string): Promise<string> {
  const command = [process.execPath, PROGRAM, 'status', '--watch', '--interval', '2s'];
  const terminal = Terminal.open({ ...SIZE, cwd: dir, env: { FORCE_COLOR: '1' }, command });
  try {
    await terminal.shows(/shop/);
    await startCanary(join(dir, 'manifest.yaml'));
    await sleep(WATCHED_MS);
    return terminal.styledScreen();
  } finally {
    terminal.close();
  }
}

/** As a person does it: an edit of the manifest. */
async function startCanary(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const edited = text.replace(
    'version: 1.4.0',
    `version: 1.5.0\n    mode: canary\n    canary: ${JSON.stringify(CANARY)}`,
  );
  await writeFile(path, edited);
}

async function underLoad<T>(port: number, act: () => Promise<T>): Promise<T> {
  const clients = HOSTS.map((host) => setInterval(() => ask(port, host), PAUSE_MS));
  try {
    return await act();
  } finally {
    for (const client of clients) clearInterval(client);
  }
}

/** A request that fails is one that the picture shows. */
function ask(port: number, host: string): void {
  get({ port, headers: { host } }, (answer) => answer.resume()).on('error', () => undefined);
}

function swiftdeploy(dir: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [PROGRAM, ...args], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
}
