/**
 * What nobody may read of a container's environment, and in which forms a program prints it (docs/decisions/0036). Every value is a
 * secret, whatever its variable is called, unless it is too plain to be one. Pure.
 */
import { OWN_ENV } from '../plan/templates.js';

/** A text that is not told, and the variable that is told in its place. */
export interface Secret {
  readonly name: string;
  readonly text: string;
}

type Environment = Readonly<Record<string, string>>;

/** Of variables that were given to a container; what its image brings is in the image for everybody to read. */
export function secretsOf(env: Environment, image: Environment = {}): readonly Secret[] {
  return Object.entries(env)
    .filter(([name, value]) => !OWN_ENV.includes(name) && image[name] !== value)
    .flatMap(([name, value]) => secretOf(name, value));
}

/** A value, its lines and the passwords in it, each in all its forms; what is too plain is left out. */
function secretOf(name: string, value: string): Secret[] {
  const whole = CLEARLY_SECRET.test(name) || !isTooPlain(value) ? [value] : [];
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const parts = [...whole, ...lines.filter((line) => !isTooPlain(line)), ...passwordsIn(value)];
  const forms = parts.filter((part) => part !== '').flatMap(formsOf);
  return [...new Set(forms)].map((text) => ({ name, text }));
}

/** Here a plain value is a bad secret, and a secret all the same. */
const CLEARLY_SECRET = /(passw(or)?d|passphrase|secret|token|credentials?|(^|_)(pass|pwd|pw|key|pin))$/i;

/** Switches, environments, levels of a log, a machine's own addresses: masked, they would make a log unreadable. */
const PLAIN_WORDS: ReadonlySet<string> = new Set(
  [
    ['true', 'false', 'none', 'null', 'auto', 'default', 'enabled', 'disabled'],
    ['production', 'staging', 'development', 'test', 'testing', 'local'],
    ['trace', 'debug', 'verbose', 'info', 'warn', 'warning', 'error', 'fatal', 'silent'],
    ['localhost', '127.0.0.1', '0.0.0.0'],
  ].flat(),
);

/** Under this many characters it stands in half the words of a log, and is guessed in a moment. */
const SHORTEST = 4;
/** As long as the number of a port. */
const SHORT_NUMBER = /^\d{1,5}$/;

function isTooPlain(text: string): boolean {
  return text.length < SHORTEST || SHORT_NUMBER.test(text) || PLAIN_WORDS.has(text.toLowerCase());
}

/** A program that was given a connection in one text prints the password of it alone. */
const PASSWORDS = [
  /:\/\/[^:/?#\s]*:([^@/\s]+)@/g,
  /(?:passw(?:or)?d|pwd|secret|token|(?:account|access|api)[-_]?key)["']?\s*[=:]\s*["']?([^"'&;,\s}]+)/gi,
];

function passwordsIn(value: string): string[] {
  const found = PASSWORDS.flatMap((pattern) => [...value.matchAll(pattern)].map(([, part = '']) => part));
  return found.flatMap((part) => [part, decoded(part)]);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** As it is, inside quotes, in a URL, and in the two alphabets of base64, without the padding. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const inUrl = encodeURIComponent(bytes.toString()); // which throws at half of a surrogate pair
  return [text, JSON.stringify(text).slice(1, -1), inUrl, base64, bytes.toString('base64url')];
}
