import { describe, expect, test } from 'vitest';
import { masked } from '../../../src/reconcilers/secrets/masked.js';
import { secretsOf } from '../../../src/reconcilers/secrets/secret-values.js';

/** What is told of a line that a program with these variables printed. */
function told(line: string, env: Record<string, string>, image: Record<string, string> = {}): string {
  return masked(line, secretsOf(env, image));
}

const PEM = '-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQEF\n-----END KEY-----\n';

describe('a secret is not told, its variable is', () => {
  test.each([
    ['postgres://u:hunter2-x@db', { DB_PASSWORD: 'hunter2-x' }, 'postgres://u:‹DB_PASSWORD›@db'],
    ['a hunter2-x b hunter2-x', { ANY_NAME: 'hunter2-x' }, 'a ‹ANY_NAME› b ‹ANY_NAME›'],
    ['hunter2-long hunter2', { A: 'hunter2', B: 'hunter2-long' }, '‹B› ‹A›'],
    ['abcdefgh', { A: 'abcde', B: 'defgh' }, '‹A›'],
    ['xyxyxy', { A: 'xyxy' }, '‹A›'],
    ['a literal .*+?( in it', { A: '.*+?(' }, 'a literal ‹A› in it'],
    ['$& and $1 $&$&', { A: '$&$&' }, '$& and $1 ‹A›'],
    ['read MIIEvQIBADANBg', { TLS: PEM }, 'read ‹TLS›'],
    ['kqhkiG9w0BAQEF', { TLS: PEM }, '‹TLS›'],
    [JSON.stringify({ A: 'say "hi" to\\it' }), { A: 'say "hi" to\\it' }, '{"A":"‹A›"}'],
    ['?p=p%40ss%2Fword', { A: 'p@ss/word' }, '?p=‹A›'],
    ['Bearer cEBzcy93b3Jk', { A: 'p@ss/word' }, 'Bearer ‹A›'],
    ["password: 'hunter2-x'", { DATABASE_URL: 'postgres://u:hunter2-x@db/x' }, "password: '‹DATABASE_URL›'"],
    ['as p@ss', { DATABASE_URL: 'postgres://u:p%40ss@db/x' }, 'as ‹DATABASE_URL›'],
    ['with hunter2-x', { DSN: 'host=db password=hunter2-x user=u' }, 'with ‹DSN›'],
    ['with pw1', { DSN: '{"user":"u","password":"pw1"}' }, 'with ‹DSN›'],
    ['lone \ud800abcd', { A: '\ud800abcd' }, 'lone ‹A›'],
  ])('%s', (line, env, expected) => {
    expect(told(line, env)).toBe(expected);
  });

  test.each(['test', 'abc', '4711', 'true'])('a bad one neither: %s', (value) => {
    expect(told(`login with ${value} failed`, { DB_PASSWORD: value })).toBe(
      'login with ‹DB_PASSWORD› failed',
    );
  });

  test('a variable called as its own marker does no harm', () => {
    expect(told('DB_PASSWORD is hunter2-x', { DB_PASSWORD: 'hunter2-x', X: 'PASSWORD' })).toBe(
      'DB_‹X› is ‹DB_PASSWORD›',
    );
  });
});

describe('what is too plain to be a secret is told', () => {
  const line = 'listening on 3000 in Production, debug true, 10 workers of v1';

  test.each([
    {
      PORT: '3000',
      NODE_ENV: 'production',
      LOG_LEVEL: 'debug',
      DEBUG: 'true',
      WORKERS: '10',
      V: 'v1',
      E: '',
    },
    { APP_PORT: '3000', APP_VERSION: 'workers of v1', MODE: 'listening' },
    { PASSWORD_MIN_LENGTH: '10', AUTH_DEBUG: 'true' },
  ])('%o', (env) => {
    expect(told(line, env)).toBe(line);
  });

  test('what the image brings is for everybody to read', () => {
    const version = { NODE_VERSION: '22.1.0' };
    expect(told('Node.js v22.1.0', version, version)).toBe('Node.js v22.1.0');
    expect(told('Node.js v22.1.0', version, { NODE_VERSION: '20.0.0' })).toBe('Node.js v‹NODE_VERSION›');
  });

  test('a brace of a secret with many lines', () => {
    const key = JSON.stringify({ private_key: 'hunter2-x' }, null, 2);
    expect(told('{ "private_key": "hunter2-x" }', { KEY: key })).toBe('{ ‹KEY› }');
  });
});
