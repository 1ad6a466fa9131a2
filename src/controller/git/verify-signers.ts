/**
 * Lines of OpenSSH's `allowed_signers` and of public keys, sorted by whether they are valid now.
 * ssh-keygen would ask whether a key was valid at the time that the commit itself claims, which a thief of an old key can choose.
 */

export interface SshSigners {
  /** Lines of `allowed_signers` that hold now, without times. */
  readonly valid: readonly string[];
  /** Those that do not hold any more, or not yet. */
  readonly outdated: readonly string[];
}

const KEY = /^(?:sk-)?(?:ssh-|ecdsa-)\S+ [A-Za-z0-9+/]+=*(?: |$)/;
const PRINCIPALS = /^("[^"]+"|[^\s"]+)\s+(.*)$/;
/** Up to the first space outside quotes. */
const OPTIONS = /^((?:[^\s"]|"[^"]*")+)\s+(.*)$/;
const OPTION = /(?:[^,"]|"[^"]*")+/g;
const VALID_TIME = /^valid-(after|before)="?([0-9Z]+)"?$/i;

/** A line that is none of the two, or whose times cannot be read, trusts nobody. `name` stands for keys without principals. */
export function parseSigners(text: string, name: string, nowMs: number): SshSigners {
  const lines = text.split('\n').flatMap((line) => parseLine(line.trim(), name, nowMs) ?? []);
  return {
    valid: lines.filter(({ isValid }) => isValid).map(({ line }) => line),
    outdated: lines.filter(({ isValid }) => !isValid).map(({ line }) => line),
  };
}

interface Signer {
  readonly line: string;
  readonly isValid: boolean;
}

function parseLine(line: string, name: string, nowMs: number): Signer | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  if (KEY.test(line)) return { line: `${name} ${line}`, isValid: true };
  const [, principals, rest] = PRINCIPALS.exec(line) ?? [];
  if (principals === undefined || rest === undefined) return undefined;
  if (KEY.test(rest)) return { line: `${principals} ${rest}`, isValid: true };
  const [, options, key] = OPTIONS.exec(rest) ?? [];
  if (options === undefined || key === undefined || !KEY.test(key)) return undefined;
  return withOptions(principals, { options: options.match(OPTION) ?? [], key }, nowMs);
}

interface OptionedKey {
  readonly options: readonly string[];
  readonly key: string;
}

function withOptions(principals: string, { options, key }: OptionedKey, nowMs: number): Signer | undefined {
  const others = options.filter((option) => !/^valid-/i.test(option));
  const limits = options.filter((option) => /^valid-/i.test(option)).map((option) => holds(option, nowMs));
  if (limits.includes(undefined)) return undefined;
  const kept = others.length === 0 ? '' : `${others.join(',')} `;
  return { line: `${principals} ${kept}${key}`, isValid: !limits.includes(false) };
}

/** Undefined for what is no time. */
function holds(option: string, nowMs: number): boolean | undefined {
  const [, side, text = ''] = VALID_TIME.exec(option) ?? [];
  const atMs = timeOf(text);
  if (side === undefined || atMs === undefined) return undefined;
  return side.toLowerCase() === 'after' ? nowMs >= atMs : nowMs < atMs;
}

/** `YYYYMMDD[HHMM[SS]]`, of the local clock, or with `Z` in UTC. */
function timeOf(text: string): number | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = ''] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text) ?? [];
  const atMs = Date.parse(
    `${String(year)}-${String(month)}-${String(day)}T${hour}:${minute}:${second}${zone}`,
  );
  return Number.isNaN(atMs) ? undefined : atMs;
}
