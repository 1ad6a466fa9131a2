/** Manifests by the thousand: services, brackets, aliases. */
import { describe, expect, it } from 'vitest';
import { load, REST, say, stackOf } from '../unit/desired/manifest-text.js';

describe('a file that wants to be expensive', () => {
  const letters = [...'bcdefghijklmnopq'];
  const before = (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 1);

  it('an alias bomb is refused before it is expanded', () => {
    const bomb = letters.map(
      (name) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${before(name)}`)
          .join()}]\n`,
    );
    expect(say(`a: &a [x]\n${bomb.join('')}`)).toMatchInlineSnapshot(
      `"error: manifest.yaml has too many values once its aliases are expanded: at most 300000"`,
    );
  });

  it('a bomb of merge keys too', () => {
    const bomb = letters.map(
      (name) =>
        `${name}: &${name} { <<: [${Array(9)
          .fill(`*${before(name)}`)
          .join()}] }\n`,
    );
    expect(say(`a: &a { k: v }\n${bomb.join('')}`)).toMatchInlineSnapshot(
      `"error: manifest.yaml has too many values once its aliases are expanded: at most 300000"`,
    );
  });

  it.each(['[', '{', '- ', '? ', 'a: &a ['])('deep nesting of %j is refused', (open) => {
    expect(say(open.repeat(20_000))).not.toBe('');
    expect(load(open.repeat(20_000)).ok).toBe(false);
  });

  it('chained aliases that nest deeply are refused', () => {
    const chain = Array.from({ length: 5000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`);
    expect(say(`a0: &a0 [x]\n${chain.join('')}`)).toMatchInlineSnapshot(
      `"error: manifest.yaml has too many values once its aliases are expanded: at most 300000"`,
    );
  });

  it('10,000 services are read, and each of their errors is named', () => {
    const service = (i: number, port: string) =>
      `  s${i}: { image: "app:1", ${port}: 80, route: { path: /s${i} } }\n`;
    const all = (port: string) =>
      `services:\n${Array.from({ length: 10_000 }, (_, i) => service(i, port)).join('')}${REST}`;
    expect(stackOf(all('port')).services).toHaveLength(10_000);
    const bad = load(all('prot'));
    expect(bad.ok ? 0 : bad.problems.length).toBe(20_000);
  });
});
