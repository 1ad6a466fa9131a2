/** Starts the local Docker engine, and installs it first where it may: root on Debian or Ubuntu. Says what it does before it does it. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from '../../scripts/command.mjs';
import { say, StageError, type Report } from '../../scripts/stage.mjs';
import type { EngineAddress } from '../reconcilers/docker/engine-address.js';
import { findEngine, locateEngine, pingEngine } from './engine.js';
import { ENGINE_PID_FILES, removeStalePidFile } from './stale-pid-file.js';

const START_LIMIT_MS = 60_000;
const POLL_MS = 250;
const LOG_FILE = '/var/log/dockerd.log';
const PACKAGES = ['docker.io', 'iptables'];
const APT_ENV = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };

/** Resolves with an engine that answers. Only the default socket's engine is ever started or installed. */
export async function ensureEngine(report: Report): Promise<EngineAddress> {
  const address = locateEngine();
  const silent = (await pingEngine(address)) !== undefined;
  if (silent && address.source === 'default' && isRootOnLinux()) await bringUp(report);
  return findEngine();
}

async function bringUp(report: Report): Promise<void> {
  if (!hasDockerd()) {
    if (!isDebian()) return;
    await install(report);
  }
  await start(report);
}

async function install(report: Report): Promise<void> {
  say(`No Docker engine on this machine: installing it (apt-get install ${PACKAGES.join(' ')}).`);
  const onLine = (line: string) => report(line.slice(0, 100));
  try {
    await runCommand('apt-get', ['-q', 'update'], { env: APT_ENV, onLine, timeoutMs: 300_000 });
    // A run that was interrupted may have left packages half configured; this finishes them, else does nothing.
    await runCommand('dpkg', ['--configure', '-a'], { env: APT_ENV, onLine, timeoutMs: 300_000 });
    await runCommand('apt-get', ['-q', 'install', '-y', '--no-install-recommends', ...PACKAGES], {
      env: APT_ENV,
      onLine,
      timeoutMs: 900_000,
    });
  } catch (error) {
    throw new StageError(
      `Docker could not be installed: ${(error as Error).message}`,
      'repair apt ("apt-get update" must work), or install Docker by hand: https://docs.docker.com/engine/install/',
    );
  }
}

async function start(report: Report): Promise<void> {
  const systemd = existsSync('/run/systemd/system');
  // A package's own start script, or another terminal, may have been faster.
  if (await answersWithin(systemd ? 2_000 : 0)) return;
  say(
    systemd
      ? 'Docker does not run: systemctl start docker.'
      : `Docker does not run: starting dockerd (log: ${LOG_FILE}).`,
  );
  report('waiting for the engine');
  for (const file of ENGINE_PID_FILES) await removeStalePidFile(file);
  const dockerd = systemd ? await startUnit() : startDaemon();
  if (await answersWithin(START_LIMIT_MS, dockerd.ended)) return;
  throw new StageError(
    `dockerd does not answer ${dockerd.ended() ? 'and has ended' : `after ${START_LIMIT_MS / 1_000} s`}${dockerd.lastWords()}`,
    systemd ? 'see "journalctl -u docker"' : `see ${LOG_FILE}; dockerd needs a privileged machine`,
  );
}

interface StartedDaemon {
  readonly ended: () => boolean;
  readonly lastWords: () => string;
}

async function startUnit(): Promise<StartedDaemon> {
  try {
    await runCommand('systemctl', ['start', 'docker'], { timeoutMs: START_LIMIT_MS });
  } catch (error) {
    throw new StageError((error as Error).message, 'see "journalctl -u docker"');
  }
  return { ended: () => false, lastWords: () => '' };
}

/** In a session of its own: neither Ctrl-C nor the end of this program ends it. */
function startDaemon(): StartedDaemon {
  const log = openSync(LOG_FILE, 'a');
  const child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  child.unref();
  return { ended: () => ended, lastWords: lastWordsOfLog };
}

function lastWordsOfLog(): string {
  const lines = readFileSync(LOG_FILE, 'utf8').trim().split('\n').slice(-3);
  return `:\n${lines.join('\n')}`;
}

async function answersWithin(limitMs: number, ended: () => boolean = () => false): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if ((await pingEngine(locateEngine())) === undefined) return true;
    if (performance.now() >= deadline || ended()) return false;
    await delay(POLL_MS);
  }
}

function hasDockerd(): boolean {
  return ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'].some((path) =>
    existsSync(`${path}/dockerd`),
  );
}

function isRootOnLinux(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

function isDebian(): boolean {
  return existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}
