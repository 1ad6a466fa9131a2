/**
 * The options of one entry of `tmpfs`, judged as Docker 20.10 does (`MergeTmpfsOptions`) before the kernel does (shmem, memparse):
 * else an option that neither knows fails only once a container starts.
 */
import { suggestWord } from './suggest-word.js';

interface ValueRule {
  readonly accepts: (value: string) => boolean;
  /** Completes "must be". */
  readonly words: string;
}

/** As C reads it: a leading 0 is octal. */
const NUMBER = '(?:0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)';
/** The kernel keeps the last one for "nobody". */
const HIGHEST_ID = 0xff_ff_ff_fe;
const ID: ValueRule = {
  accepts: (value) => matches(value, NUMBER) && Number(value) <= HIGHEST_ID,
  words: 'a number, not a name',
};
const COUNT: ValueRule = {
  accepts: (value) => matches(value, `${NUMBER}[kmgtpe]?`),
  words: 'a number, such as 1000 or 10k',
};

const VALUES: Readonly<Record<string, ValueRule>> = {
  size: {
    accepts: (value) => matches(value, `${NUMBER}[kmgtpe]?%?`),
    words: 'whole bytes, such as 64m or 1g, or a share of the memory, such as 50%',
  },
  mode: { accepts: (value) => matches(value, '[0-7]{1,10}'), words: 'an octal number, such as 1777' },
  uid: ID,
  gid: ID,
  nr_inodes: COUNT,
  nr_blocks: COUNT,
  mpol: {
    accepts: (value) => matches(value, 'default|prefer|interleave|local'),
    words: 'one of default, prefer, interleave, local',
  },
};

/** Docker knows `remount`, `bind` and `rbind` too, and no mount of a tmpfs can have them. */
const FLAGS: readonly string[] = [
  ...['defaults', 'ro', 'rw', 'suid', 'nosuid', 'dev', 'nodev', 'exec', 'noexec', 'sync', 'async', 'dirsync'],
  ...['mand', 'nomand', 'atime', 'noatime', 'diratime', 'nodiratime', 'relatime', 'norelatime'],
  ...['strictatime', 'nostrictatime', 'unbindable', 'runbindable', 'private', 'rprivate'],
  ...['shared', 'rshared', 'slave', 'rslave'],
];

/** The rule that an entry breaks, in words; undefined where it breaks none. */
export function refuseTmpfs(entry: string): string | undefined {
  const colon = entry.indexOf(':');
  if (colon < 0) return undefined;
  const refusals = entry
    .slice(colon + 1)
    .split(',')
    .flatMap((option) => refuseOption(option) ?? []);
  return refusals[0];
}

function refuseOption(option: string): string | undefined {
  if (option === '') return 'has a comma, or a colon, with no option after it';
  const equals = option.indexOf('=');
  const name = equals < 0 ? option : option.slice(0, equals);
  const rule = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (rule === undefined) return FLAGS.includes(option) ? undefined : unknownOption(name);
  if (equals >= 0 && rule.accepts(option.slice(equals + 1))) return undefined;
  return `has ${option}: ${name} must be ${rule.words}`;
}

function unknownOption(name: string): string {
  if (FLAGS.includes(name)) return `has a value for ${name}, which takes none`;
  const near = suggestWord(name, [...Object.keys(VALUES), ...FLAGS]);
  const cure = near === undefined ? 'write size, mode, uid, gid, ro, noexec …' : `did you mean ${near}?`;
  return `has the option ${JSON.stringify(name)}, which a tmpfs does not have: ${cure}`;
}

function matches(value: string, pattern: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'i').test(value);
}
