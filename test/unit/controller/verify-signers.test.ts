import { describe, expect, test } from 'vitest';
import { parseSigners } from '../../../src/controller/git/verify-signers.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB';
const NOW_MS = Date.parse('2026-11-20T12:00:00Z');

function parse(text: string) {
  return parseSigners(text, 'ann', NOW_MS);
}

describe('who may sign', () => {
  test.each([
    [`${KEY}`, `ann ${KEY}`],
    [`${KEY} ann@laptop`, `ann ${KEY} ann@laptop`],
    [`  ${KEY}\r`, `ann ${KEY}`],
    ['sk-ssh-ed25519@openssh.com AAAA', 'ann sk-ssh-ed25519@openssh.com AAAA'],
    ['ecdsa-sha2-nistp256 AAAA', 'ann ecdsa-sha2-nistp256 AAAA'],
    [`bob@example.com ${KEY}`, `bob@example.com ${KEY}`],
    [`"bob@example.com,*@x.org" ${KEY}`, `"bob@example.com,*@x.org" ${KEY}`],
    [`bob cert-authority,namespaces="git,file" ${KEY}`, `bob cert-authority,namespaces="git,file" ${KEY}`],
    [`bob valid-after="20260101",namespaces="git" ${KEY}`, `bob namespaces="git" ${KEY}`],
    [`bob valid-after=20260101,valid-before=20270101Z ${KEY}`, `bob ${KEY}`],
    [`bob VALID-BEFORE="20261120120001Z" ${KEY}`, `bob ${KEY}`],
    [`bob valid-after="202611201200Z" ${KEY}`, `bob ${KEY}`],
  ])('%s', (line, valid) => {
    expect(parse(line)).toEqual({ valid: [valid], outdated: [] });
  });

  test.each([
    [`bob valid-before="20200101" ${KEY}`],
    [`bob valid-before="202611201200Z" ${KEY}`],
    [`bob valid-after="20261120120001Z" ${KEY}`],
    [`bob valid-after="20200101",valid-before="20210101" ${KEY}`],
  ])('not now: %s', (line) => {
    expect(parse(line)).toEqual({ valid: [], outdated: [`bob ${KEY}`] });
  });

  test.each([
    [''],
    ['# a comment'],
    [`#${KEY}`],
    ['nonsense'],
    ['bob'],
    ['ssh-ed25519'],
    [`bob two words ${KEY}`],
    [`bob valid-before="soon" ${KEY}`],
    [`bob valid-before="20261341" ${KEY}`],
    [`bob valid-until="20200101" ${KEY}`],
    [`bob valid-before="20200101 ${KEY}`],
    ['-----BEGIN OPENSSH PRIVATE KEY-----'],
  ])('nobody: %s', (line) => {
    expect(parse(line)).toEqual({ valid: [], outdated: [] });
  });

  test('one line that cannot be read takes nothing from the others', () => {
    const text = `nonsense\n${KEY}\nbob valid-before="20200101" ${KEY}\n`;
    expect(parse(text)).toEqual({ valid: [`ann ${KEY}`], outdated: [`bob ${KEY}`] });
  });
});
