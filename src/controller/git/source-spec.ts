/** Which repository is followed and how: one form for `--git` and for source.yaml. Values only. */
import { readAddress } from './address.js';
import { readRef, type SourceRef } from './ref.js';

/** Paths on the host, absolute; what is in the files is read again at each look. */
export interface SourceCredentials {
  readonly sshKey?: string;
  readonly knownHosts?: string;
  /** Of the authorities that vouch for an https server; default: the system's. */
  readonly caFile?: string;
  /** The first line of the file is the token. */
  readonly tokenFile?: string;
  /** Goes with the token; default `git`. */
  readonly username?: string;
  /** A credential helper as git's `credential.helper` names it. */
  readonly helper?: string;
}

export interface SourceSpec {
  /** Without a secret; of a local repository its absolute path. */
  readonly url: string;
  readonly ref: SourceRef;
  /** Of the manifest in the repository, relative, with `/`. */
  readonly path: string;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  readonly limits: {
    /** Of what one fetch brings, and of the files of one commit. */
    readonly maxBytes: number;
    /** Of one look. */
    readonly timeoutMs: number;
  };
  /** Whether submodules are fetched; without, a commit that has one is refused. */
  readonly submodules: boolean;
  /** Whether a commit that deletes the manifest removes the stack; without, a condition asks. */
  readonly prune: boolean;
  readonly credentials?: SourceCredentials;
  readonly verify?: { readonly mode: 'head' | 'tag'; readonly keys: string };
  readonly webhook?: { readonly secretFile: string };
}

/** What is not said. */
export const SOURCE_DEFAULTS = {
  ref: { kind: 'default' },
  path: 'manifest.yaml',
  pollMs: 30_000,
  limits: { maxBytes: 256 * 1024 ** 2, timeoutMs: 60_000 },
  submodules: false,
  prune: false,
} as const satisfies Omit<SourceSpec, 'url'>;

/** Problems are sentences ready to print; none shows a secret. */
export type SourceSpecResult =
  | { readonly ok: true; readonly spec: SourceSpec }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads `URL[#ref]` as `--git` has it; relative paths count from `cwd`. A `#` in a path needs source.yaml. */
export function parseGitOption(text: string, cwd: string): SourceSpecResult {
  const cut = text.lastIndexOf('#');
  const address = readAddress(cut < 0 ? text : text.slice(0, cut), cwd);
  const ref = cut < 0 ? { ref: SOURCE_DEFAULTS.ref } : readRef(text.slice(cut + 1));
  const problems = [address, ref].flatMap((part) => ('problem' in part ? [`--git ${part.problem}`] : []));
  if ('problem' in address || 'problem' in ref) return { ok: false, problems };
  return { ok: true, spec: { ...SOURCE_DEFAULTS, url: address.url, ref: ref.ref } };
}
