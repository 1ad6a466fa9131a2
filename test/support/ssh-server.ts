/** A real sshd on a port of 127.0.0.1, for whoever has its key: git over ssh as a forge offers it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { canConnect } from './can-connect.js';
import { freePort } from './free-port.js';
import { sshdBinary, type SshdBinary } from './sshd-binary.js';
import { until } from './until.js';

const run = promisify(execFile);

/** As root, sshd wants a user and a folder of its own: both are made in a mount namespace that nobody else sees. */
const AS_ROOT = [
  'set -e',
  'mount --bind "$1/passwd" /etc/passwd',
  'mount --bind "$1/shadow" /etc/shadow',
  'mount -t tmpfs none /run',
  'mkdir -m 0755 /run/sshd',
  'shift',
  'exec "$@"',
].join('\n');

export class SshServer {
  readonly #dir: string;
  readonly #port: number;
  readonly #binary: SshdBinary;
  #sshd: ChildProcess | undefined;

  private constructor(dir: string, port: number, binary: SshdBinary) {
    this.#dir = dir;
    this.#port = port;
    this.#binary = binary;
  }

  /** Everything is in `dir`; it ends when the test does. Nobody is let in yet. */
  static async start(dir: string): Promise<SshServer> {
    await mkdir(dir, { recursive: true });
    const server = new SshServer(dir, await freePort(), await sshdBinary());
    onTestFinished(() => server.#stop());
    await server.#configure();
    await server.rotateHostKey();
    return server;
  }

  /** Of a repository of this machine. */
  url(path: string): string {
    return `ssh://${userInfo().username}@127.0.0.1:${String(this.#port)}${path}`;
  }

  /** The line of known_hosts. */
  async knownHost(): Promise<string> {
    const key = await readFile(join(this.#dir, 'host_key.pub'), 'utf8');
    return `[127.0.0.1]:${String(this.#port)} ${key}`;
  }

  /** Whoever has this public key, and nobody else. */
  async admit(publicKey: string): Promise<void> {
    await writeFile(join(this.#dir, 'authorized_keys'), publicKey);
  }

  /** As after a new installation: the same address, another key. */
  async rotateHostKey(): Promise<void> {
    await this.#stop();
    await rm(join(this.#dir, 'host_key'), { force: true });
    await makeKey(join(this.#dir, 'host_key'));
    this.#spawn();
    await until('sshd listens', () => canConnect(this.#port), { explain: () => `sshd: ${this.#log}` });
  }

  #log = '';

  #spawn(): void {
    const { path, libraries } = this.#binary;
    const sshd = [path, '-D', '-e', '-f', join(this.#dir, 'sshd_config')];
    const isRoot = process.getuid?.() === 0;
    const argv = isRoot ? ['unshare', '--mount', 'sh', '-c', AS_ROOT, 'sh', this.#dir, ...sshd] : sshd;
    const [command = '', ...args] = argv;
    const env = { PATH: process.env['PATH'] ?? '', LD_LIBRARY_PATH: libraries.join(':') };
    this.#sshd = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#sshd.stderr?.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  async #stop(): Promise<void> {
    const sshd = this.#sshd;
    if (sshd === undefined || sshd.exitCode !== null || sshd.signalCode !== null) return;
    sshd.kill('SIGKILL');
    await once(sshd, 'exit');
  }

  async #configure(): Promise<void> {
    const options = {
      ListenAddress: '127.0.0.1',
      Port: String(this.#port),
      HostKey: join(this.#dir, 'host_key'),
      AuthorizedKeysFile: join(this.#dir, 'authorized_keys'),
      PidFile: 'none',
      UsePAM: 'no',
      StrictModes: 'no',
      PermitRootLogin: 'prohibit-password',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
      ...this.#binary.helpers,
    };
    const lines = Object.entries(options).map(([name, value]) => `${name} ${value}\n`);
    await writeFile(join(this.#dir, 'sshd_config'), lines.join(''));
    const passwd = await readFile('/etc/passwd', 'utf8');
    const own = /^sshd:/m.test(passwd) ? '' : 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n';
    await writeFile(join(this.#dir, 'passwd'), passwd + own);
    await writeFile(join(this.#dir, 'shadow'), 'root:*:19000:0:99999:7:::\n', { mode: 0o600 });
  }
}

/** Returns the path of the private key; the public one is `<path>.pub`. */
export async function makeKey(path: string): Promise<string> {
  await rm(`${path}.pub`, { force: true });
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
  return path;
}
