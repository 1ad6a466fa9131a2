import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { PICTURE, picture, SCREEN } from '../../../scripts/recording.js';
import { ansiToSvg } from '../../../scripts/recording/ansi-svg.js';
import { SIZE } from '../../../scripts/recording/record-screen.js';
import { plain } from '../../../src/cli/basics/talk.js';
import { frameOf } from '../../support/scene/frame.js';
import { scene } from '../../support/scene/scene.js';

function drawn(text: string): string[] {
  const lines = ansiToSvg(text, { columns: 20, title: 'a <title>' }).split('\n');
  const start = lines.findIndex((line) => line.includes('text-anchor')) + 1;
  return lines.slice(start, lines.indexOf('</g>'));
}

test('words are at their cells, in their colours', () => {
  expect(drawn('a b  \u001B[31mc\u001B[39m\n  \u001B[1;2m<d>\u001B[22me\u001B[0m\u001B[2J')).toEqual([
    '<text x="14" y="57" textLength="24" lengthAdjust="spacingAndGlyphs">a b</text>',
    '<text x="54" y="57" textLength="8" lengthAdjust="spacingAndGlyphs" fill="#ff7b72">c</text>',
    '<text x="30" y="75" textLength="24" lengthAdjust="spacingAndGlyphs" font-weight="bold" opacity="0.6">&lt;d&gt;</text>',
    '<text x="54" y="75" textLength="8" lengthAdjust="spacingAndGlyphs">e</text>',
  ]);
});

test('bars are drawn, equal neighbours as one', () => {
  expect(drawn('x ██░')).toEqual([
    '<text x="14" y="57" textLength="8" lengthAdjust="spacingAndGlyphs">x</text>',
    '<rect x="30" y="45" width="16" height="15" fill="#e6edf3"/>',
    '<rect x="46" y="45" width="8" height="15" fill="#e6edf3" opacity="0.55"/>',
  ]);
});

test('the picture in docs is of what was recorded', async () => {
  expect(picture()).toBe(await readFile(PICTURE, 'utf8'));
});

test('what was recorded has the headings and keys of the view as it is', async () => {
  const screen = stripVTControlCharacters(await readFile(SCREEN, 'utf8'));
  const frame = frameOf(await scene(SIZE, plain));
  const fixed = frame.match(/^(?:[A-Z]{2,}( [A-Z]+)*|.*SERVICE .*|.* quit(?= ))/gm) ?? [];
  expect(fixed.length).toBeGreaterThan(4);
  const words = (line: string) => line.split(/\s+/).filter((word) => word !== '');
  const recorded = screen.split('\n').map((line) => words(line).join(' '));
  for (const line of fixed) expect(recorded).toContainEqual(expect.stringContaining(words(line).join(' ')));
});
