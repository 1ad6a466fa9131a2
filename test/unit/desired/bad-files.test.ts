import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { load, REST, say } from './manifest-text.js';

const SAMPLE = readFileSync(new URL('../../../manifest.yaml', import.meta.url), 'utf8');

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}

describe('a file that is no text', () => {
  it.each([
    ['UTF-16 with a mark', utf16(`\ufeff${SAMPLE}`), 'is UTF-16 text: save it as UTF-8'],
    ['UTF-16 without a mark', utf16(SAMPLE), 'is UTF-16 text: save it as UTF-8'],
    ['a program', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]), 'is not text: byte 8 is NUL'],
    ['50 MB', new Uint8Array(50_000_000).fill(97), 'is too large for a manifest: more than 1 MiB'],
    ['nothing', new Uint8Array(), 'is empty'],
  ])('%s', (_name, bytes, message) => {
    expect(say(bytes)).toBe(`error: manifest.yaml ${message}`);
  });

  it('names the place of what is not UTF-8, and of control characters', () => {
    expect(say(Buffer.from('services:\n  image: \xe4\n', 'latin1'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:2:10 is not UTF-8 text from here on: save the file as UTF-8"`,
    );
    expect(say('services:\n  image: a\u0007b\n')).toMatchInlineSnapshot(
      `"error: manifest.yaml:2:11 has the control character U+0007: a manifest is plain text"`,
    );
  });

  it.each([' \n\n', '\ufeff', '\t'])('white space alone is empty: %j', (text) => {
    expect(say(text)).toBe('error: manifest.yaml is empty');
  });

  it.each(['# only\n# comments', '---\n# c\n'])('comments alone are said to be so: %j', (text) => {
    expect(say(text)).toBe('error: manifest.yaml has nothing but comments');
  });
});

describe('a file that is text in another coat', () => {
  it.each([
    ['a byte order mark', `\ufeff${SAMPLE}`],
    ['CRLF', SAMPLE.replaceAll('\n', '\r\n')],
    ['no newline at the end', SAMPLE.trimEnd()],
    [
      'JSON',
      JSON.stringify({
        services: { image: 'a', port: 1 },
        nginx: { image: 'n', port: 80 },
        network: { name: 'n' },
      }),
    ],
  ])('works with %s', (_name, text) => {
    expect(say(text)).toBe('');
  });

  it('counts lines and columns the same with CRLF', () => {
    const bad = SAMPLE.replace('3000', '70000');
    expect(say(bad.replaceAll('\n', '\r\n'))).toBe(say(bad));
  });
});

describe('a file that is no YAML', () => {
  it.each([
    ['a tab', 'services:\n\timage: a\n'],
    ['an open quote', 'services:\n  image: "ngin'],
    ['a word without a colon', 'services:\n  image: nginx\n  por'],
    ['an open bracket', 'services: { image: a,'],
    ['a list', '- a\n- b\n'],
    ['a word', 'services'],
    ['two documents', `${SAMPLE}---\n${SAMPLE}`],
    ['a tag', 'services: !secret x\n'],
    ['a strange indent', 'services:\n    image: a\n  port: 1\n'],
    ['an unknown alias', 'services: *nope\n'],
    ['an alias of itself', 'services: &a { b: *a }\n'],
    ['a key that is a list', '? [a, b]\n: c\n'],
    ['a merge of a word', 'services: { <<: word }\n'],
  ])('says so: %s', (_name, text) => {
    expect(load(text).ok).toBe(false);
    expect(say(text)).toMatchSnapshot();
  });

  it.each([
    ['a value', 'services:\n  image: "nginx:latest\n  port: 3000\n', '2:10'],
    ['a value before other quotes', 'services:\n  image: "a\n  version: "1.0.0"\n', '2:10'],
    ['a value with an apostrophe in it', "services:\n  image: 'it''s\n  port: 3000\n", '2:10'],
    ['a key', 'services:\n  "image: a\n  port: 3000\n', '2:3'],
    ['an item of a list', 'services:\n  command:\n    - "a\n  port: 3000\n', '3:7'],
    ['nothing but itself', 'contact: "', '1:10'],
  ])('places a quote that is not closed where it opens: %s', (_name, text, place) => {
    expect(say(text)).toBe(
      `error: manifest.yaml:${place} opens a quote that is not closed: end the value with the same quote`,
    );
  });

  it('does not take two quoted values side by side for one that is open', () => {
    expect(say('services:\n  command: ["a""b"]\n')).toContain(
      ':2:16 lacks a closing or separating character',
    );
  });

  it('finds keys that are given twice, at every level', () => {
    const text = `services:\n  image: a\n  port: 1\n  port: 2\n  env: { A: x, A: y }\n${REST}network: { name: n }\n`;
    expect(say(text)).toMatchInlineSnapshot(`
      "error: manifest.yaml:4:3 services.port is given twice, first on line 3
      error: manifest.yaml:5:16 services.env.A is given twice, first on line 5
      error: manifest.yaml:8:1 network is given twice, first on line 7"
    `);
  });

  it('takes __proto__ and constructor for the unknown keys that they are', () => {
    expect(say(`services: { image: a, port: 1 }\n${REST}__proto__: { a: 1 }\nconstructor: 1\n`))
      .toMatchInlineSnapshot(`
      "error: manifest.yaml:4:1 __proto__ is not a known key
      error: manifest.yaml:5:1 constructor is not a known key"
    `);
  });
});
