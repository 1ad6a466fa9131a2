/**
 * What git said when it failed, as a reason. git has one exit code for everything and tells causes apart only in text,
 * so this is the one place that reads it: in the C locale, the first rule that matches wins.
 */
import { GitError } from 'simple-git';
import { SourceError, type SourceReason } from './source-error.js';

/** A git command that did not exit with 0; simple-git passes on only its own kind. `stderr` may hold what a server sent: never shown as it is. */
export class GitFailure extends GitError {
  readonly stderr: string;

  constructor(stderr: string) {
    super(undefined, 'git failed');
    this.name = 'GitFailure';
    this.stderr = stderr;
  }
}

interface Rule {
  readonly says: RegExp;
  readonly reason: SourceReason;
  readonly sentence: string;
}

const RULES: readonly Rule[] = [
  {
    says: /Host key verification failed|No \S+ host key is known|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    reason: 'HostKeyUnknown',
    sentence: "the server's host key is not in known_hosts, or is another one: compare it and add it there",
  },
  {
    says: /Authentication failed|terminal prompts disabled|could not read (Username|Password)|returned error: 40[13]|Permission denied \(|Permission denied, please|HTTP Basic: Access denied/i,
    reason: 'AuthFailed',
    sentence:
      'the server did not accept the credentials: the token or key is missing, wrong, expired or not allowed',
  },
  {
    says: /couldn't find remote ref|not our ref|unadvertised object|no such remote ref|did not send all necessary objects/i,
    reason: 'RefNotFound',
    sentence: 'what is followed is not in the repository any more',
  },
  {
    says: /transport '[^']*' not allowed|Protocol "?\S+"? (is )?(not supported|disabled)|update url base from redirection/i,
    reason: 'Unreachable',
    sentence: 'the server redirects to an address or protocol that is not followed',
  },
  {
    says: /No space left on device|Read-only file system|Disk quota exceeded|unable to (create|write) /i,
    reason: 'NotStored',
    sentence: 'this host cannot store what was fetched',
  },
  {
    says: /spawn \S+ ENOENT/,
    reason: 'NotStored',
    sentence: 'git cannot be run: install it',
  },
  {
    says: /Could not resolve host|Name or service not known|Temporary failure in name resolution/i,
    reason: 'Unreachable',
    sentence: "the server's name cannot be resolved",
  },
  {
    says: /Connection refused|Failed to connect|Network is unreachable|No route to host|Connection timed out|Couldn't connect/i,
    reason: 'Unreachable',
    sentence: 'the server cannot be connected to',
  },
  {
    says: /does not appear to be a git repository|repository '.*' not found|not found: did you run|No such file or directory|access denied or repository not exported|returned error: 404|not a git repository/i,
    reason: 'Unreachable',
    sentence: 'there is no repository at this address, or it is not shown to us',
  },
  {
    says: /certificate/i,
    reason: 'CertificateUnknown',
    sentence: "nobody whom this host believes vouches for the server's certificate: see credentials.ca_file",
  },
  {
    says: /SSL|TLS/,
    reason: 'Unreachable',
    sentence: 'the server and this host agree on no TLS',
  },
];

const OTHERWISE: Rule = {
  says: /^/,
  reason: 'Unreachable',
  sentence: 'git could not read the repository',
};

/** The sentence with git's own last word, cleaned by `clean`. */
export function explainFailure(failure: GitFailure, clean: (text: string) => string): SourceError {
  const rule = RULES.find(({ says }) => says.test(failure.stderr)) ?? OTHERWISE;
  const said = clean(lastWord(failure.stderr));
  return new SourceError(rule.reason, said === '' ? rule.sentence : `${rule.sentence} (git: ${said})`);
}

/** True where `--shallow-since` found no commit after its time. */
export function isNothingThatYoung(failure: GitFailure): boolean {
  return /error processing shallow info|no commits selected for shallow/.test(failure.stderr);
}

/** True where a push came too late: somebody else's commit is there already. */
export function isOvertaken({ stderr }: GitFailure): boolean {
  return /\[(remote )?rejected\].*\((fetch first|non-fast-forward|stale info|failed to update ref|cannot lock ref[^)]*|incorrect old value[^)]*)\)/.test(
    stderr,
  );
}

/** Why a server did not take a push, in its own word; undefined where it failed otherwise. */
export function refusalOf({ stderr }: GitFailure): string | undefined {
  const why = /\[remote rejected\].*\((.+)\)/.exec(stderr)?.[1];
  return why === undefined ? undefined : `the server does not take the commit (${why})`;
}

/** git's `fatal:` line, which sums up; else its last one. */
function lastWord(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const fatal = lines.find((line) => line.startsWith('fatal:'));
  return (fatal ?? lines.filter((line) => line !== '').at(-1) ?? '').replace(/^(fatal|error): /, '');
}
