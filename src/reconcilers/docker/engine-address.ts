/**
 * Says where the Docker engine is, by the rules that the docker CLI follows: DOCKER_HOST, then the context, then the
 * well-known sockets. Reads files only through what it is given; it never connects.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One address, in the words dockerode takes. `describe` is how people write it, `source` says who named it. */
export type EngineAddress = (SocketAddress | TcpAddress) & {
  readonly describe: string;
  readonly source: EngineSource;
};

export type EngineSource = 'DOCKER_HOST' | 'context' | 'default';

export interface SocketAddress {
  readonly socketPath: string;
}

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Paths of PEM files; a file that is not there is left out. */
  readonly tls?: TlsPaths;
}

export interface TlsPaths {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The two questions that resolving asks of the file system. */
export interface FileReader {
  /** The text of a file, or undefined when it cannot be read. */
  readonly read: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** An address that names no engine we can reach: `message` says why, `cure` what to do. */
export class EngineAddressError extends Error {
  override readonly name = 'EngineAddressError';

  constructor(
    message: string,
    readonly cure: string,
  ) {
    super(message);
  }
}

/** The FileReader of the real file system. */
export const hostFiles: FileReader = { read: readOrUndefined, exists: existsSync };

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Resolves the engine's address; throws an EngineAddressError for one that cannot be used. */
export function resolveEngineAddress(env: Environment, files: FileReader = hostFiles): EngineAddress {
  if (env.DOCKER_HOST) return parseEngineHost(env.DOCKER_HOST, 'DOCKER_HOST', environmentTls(env, files));
  return contextAddress(env, files) ?? defaultAddress(env, files);
}

/** dockerode's constructor options for an address; reads the TLS files. */
export function engineOptions(
  address: EngineAddress,
  files: FileReader = hostFiles,
): Record<string, unknown> {
  if ('socketPath' in address) return { socketPath: address.socketPath };
  const { host, port, protocol, tls } = address;
  return { host, port, protocol, ...tlsMaterial(tls, files) };
}

/** Parses `unix://`, `tcp://`, `http(s)://` and `npipe://`; says what to do about `ssh://` and anything else. */
export function parseEngineHost(text: string, source: EngineSource, tls?: TlsPaths): EngineAddress {
  if (text.startsWith('unix://'))
    return { socketPath: text.slice(7) || DEFAULT_SOCKET, describe: text, source };
  if (text.startsWith('npipe://')) return { socketPath: text.slice(8), describe: text, source };
  if (/^(tcp|https?):\/\//.test(text)) return tcpAddress(text, source, tls);
  if (text.startsWith('ssh://')) throw sshUnsupported(text, source);
  throw new EngineAddressError(
    `the engine's address "${text}" (from ${source}) is not understood`,
    'use unix:///path/to/docker.sock or tcp://host:port',
  );
}

function tcpAddress(text: string, source: EngineSource, tls: TlsPaths | undefined): EngineAddress {
  const secure = tls !== undefined || text.startsWith('https://');
  const url = parseUrl(text.replace(/^tcp:/, 'http:'), text, source);
  const standardPort = secure ? 2376 : 2375;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? standardPort : Number(url.port),
    protocol: secure ? 'https' : 'http',
    ...(tls === undefined ? {} : { tls }),
    describe: text,
    source,
  };
}

function parseUrl(url: string, original: string, source: EngineSource): URL {
  try {
    return new URL(url);
  } catch {
    throw new EngineAddressError(
      `the engine's address "${original}" (from ${source}) is not a valid address`,
      'write it as tcp://host:port',
    );
  }
}

function sshUnsupported(text: string, source: EngineSource): EngineAddressError {
  const target = text.slice('ssh://'.length);
  return new EngineAddressError(
    `the engine's address ${text} (from ${source}) goes over ssh, which is not supported`,
    `forward its socket with "ssh -nNT -L /tmp/docker.sock:${DEFAULT_SOCKET} ${target}" and set DOCKER_HOST=unix:///tmp/docker.sock`,
  );
}

function environmentTls(env: Environment, files: FileReader): TlsPaths | undefined {
  if (!env.DOCKER_TLS_VERIFY) return undefined;
  return tlsPaths(env.DOCKER_CERT_PATH ?? configDirectory(env), files) ?? {};
}

function contextAddress(env: Environment, files: FileReader): EngineAddress | undefined {
  const directory = configDirectory(env);
  const name = env.DOCKER_CONTEXT || readJson(join(directory, 'config.json'), files)?.currentContext;
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const host = contextHost(readJson(join(directory, 'contexts', 'meta', id, 'meta.json'), files));
  if (host === undefined) {
    throw new EngineAddressError(
      `the Docker context "${name}" has no engine endpoint in ${join(directory, 'contexts')}`,
      'choose one with "docker context use default", or set DOCKER_HOST',
    );
  }
  return parseEngineHost(host, 'context', tlsPaths(join(directory, 'contexts', 'tls', id, 'docker'), files));
}

function contextHost(meta: Record<string, unknown> | undefined): string | undefined {
  const endpoints = meta?.Endpoints as { docker?: { Host?: unknown } } | undefined;
  const host = endpoints?.docker?.Host;
  return typeof host === 'string' && host !== '' ? host : undefined;
}

function defaultAddress(env: Environment, files: FileReader): EngineAddress {
  const candidates = [
    DEFAULT_SOCKET,
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    ...(env.HOME
      ? [join(env.HOME, '.docker/run/docker.sock'), join(env.HOME, '.docker/desktop/docker.sock')]
      : []),
  ];
  const socketPath = candidates.find((path) => files.exists(path)) ?? DEFAULT_SOCKET;
  return { socketPath, describe: `unix://${socketPath}`, source: 'default' };
}

function configDirectory(env: Environment): string {
  return env.DOCKER_CONFIG || join(env.HOME ?? '/', '.docker');
}

function tlsPaths(directory: string, files: FileReader): TlsPaths | undefined {
  const present = Object.fromEntries(
    (['ca', 'cert', 'key'] as const)
      .map((part) => [part, join(directory, `${part}.pem`)] as const)
      .filter(([, path]) => files.exists(path)),
  );
  return Object.keys(present).length === 0 ? undefined : present;
}

function tlsMaterial(tls: TlsPaths | undefined, files: FileReader): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(tls ?? {}).map(([part, path]) => [part, files.read(String(path))]),
  );
}

function readJson(path: string, files: FileReader): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(files.read(path) ?? '');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
