/**
 * The world that git sees: its own configuration and no one else's, no prompt, no hook, one protocol.
 * A token is never part of it: only the path of its file, which the credential helper reads at each request.
 */
import { allowedProtocols, isLocal } from './address.js';
import { shellQuote } from '../shell-quote.js';
import type { SourceCredentials, SourceSpec } from './source-spec.js';

/** What a server needs to be reached, and nothing that steers git. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  ...['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY'],
];

/** git asks a helper with `get`, and tells it with `store` and `erase` what came of it. printf is the shell's own: no argv. */
const TOKEN_HELPER =
  '!f() { test "$1" = get || exit 0; printf "username=%s\\npassword=%s\\n" "$SWIFTDEPLOY_GIT_USERNAME" "$(head -n 1 "$SWIFTDEPLOY_GIT_TOKEN_FILE" | tr -d "\\r")"; }; f';

/** The text of the one configuration file; it holds paths, and no secret. */
export function gitConfigText(spec: SourceSpec): string {
  return `${section('core', { hooksPath: '/dev/null' })}${pushConfigText(spec)}`;
}

/** As `gitConfigText`, for a push: the hooks of a repository on this host are its owner's word on it. */
export function pushConfigText({ url, credentials, limits }: SourceSpec): string {
  const seconds = Math.max(1, Math.ceil(limits.timeoutMs / 1000));
  return [
    section('core', { attributesFile: '/dev/null', fsmonitor: 'false' }),
    section('core', { quotePath: 'false', protectNTFS: 'true', protectHFS: 'true' }),
    // Whoever names a repository trusts its owner; every other owner's repository is out of reach here.
    section('safe', { directory: '*' }),
    section('protocol', { version: '2' }),
    // A pack is synced to the disk as a whole, loose objects are not.
    section('fetch', { unpackLimit: '1', recurseSubmodules: 'false', writeCommitGraph: 'false' }),
    section('gc', { autoDetach: 'false', autoPackLimit: '20', pruneExpire: 'now' }),
    section('maintenance', { auto: 'false' }),
    // git's helper for HTTP outlives a git that was stopped: it must end by itself.
    section('http', { followRedirects: 'initial', lowSpeedLimit: '1', lowSpeedTime: String(seconds) }),
    section('init', { templateDir: '', defaultBranch: 'main' }),
    section('diff', { ignoreSubmodules: 'all' }),
    credentialSection(url, credentials),
  ].join('');
}

/** Every variable of the process; `configPath` is where `gitConfigText` lies, `gitDir` the mirror. */
export function gitEnvironment(
  spec: Pick<SourceSpec, 'url' | 'credentials'>,
  configPath: string,
  gitDir: string,
): Record<string, string> {
  const { caFile, tokenFile, username = 'git' } = spec.credentials ?? {};
  return {
    ...inherited(),
    LANG: 'C',
    LC_ALL: 'C',
    GIT_DIR: gitDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: configPath,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: allowedProtocols(spec.url),
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_SSH_VARIANT: 'ssh',
    GIT_SSH_COMMAND: sshCommand(spec.credentials ?? {}),
    // Counts more than any configuration, the machine's own included.
    ...(caFile !== undefined && { GIT_SSL_CAINFO: caFile }),
    ...(tokenFile !== undefined && {
      SWIFTDEPLOY_GIT_TOKEN_FILE: tokenFile,
      SWIFTDEPLOY_GIT_USERNAME: username,
    }),
  };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Only for the server that was named: a redirect elsewhere brings no token along. */
function credentialSection(url: string, credentials: SourceCredentials = {}): string {
  const helper = credentials.tokenFile === undefined ? credentials.helper : TOKEN_HELPER;
  if (helper === undefined || isLocal(url) || !URL.canParse(url)) return '';
  const { protocol, host } = new URL(url);
  return section(`credential ${quote(`${protocol}//${host}`)}`, { helper });
}

/** A host key that is not known is refused: nobody is there to be asked. */
function sshCommand({ sshKey, knownHosts }: SourceCredentials): string {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
  ];
  if (sshKey !== undefined) options.push('IdentitiesOnly=yes', `IdentityFile=${sshPath(sshKey)}`);
  if (knownHosts !== undefined) {
    options.push(`UserKnownHostsFile=${sshPath(knownHosts)}`, 'GlobalKnownHostsFile=/dev/null');
  }
  return ['ssh', ...options.map((option) => `-o ${shellQuote(option)}`)].join(' ');
}

/** ssh splits at spaces and knows `%` as a placeholder. */
function sshPath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

function section(name: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([key, value]) => `\t${key} = ${quote(value)}\n`);
  return `[${name}]\n${lines.join('')}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
