/** What a terminal of a size shows of a scene. */
import { stripVTControlCharacters } from 'node:util';
import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import { frameOf } from '../../support/scene/frame.js';
import { scene } from '../../support/scene/scene.js';
import { paintFor, plain } from '../../../src/cli/basics/talk.js';
import type { LiveKey } from '../../../src/cli/status/live/keys.js';
import type { LiveFacts } from '../../../src/cli/status/live/live-facts.js';
import { Keyboard } from '../../../src/cli/status/live/screen.js';
import { until } from '../../support/until.js';

afterEach(cleanup);

const SIZES = [
  [80, 24],
  [120, 40],
  [60, 15],
] as const;

async function frame(columns: number, rows: number, change: Partial<LiveFacts> = {}): Promise<string> {
  return frameOf({ ...(await scene({ columns, rows }, plain)), ...change });
}

/** One more service, and what others may write into a message. */
async function crowded(columns: number, rows: number): Promise<string> {
  const { look } = await scene({ columns, rows }, plain);
  const { services, policies, conditions } = look.status;
  const many = Array.from({ length: 9 }, (_, index) => ({
    name: `${String(index)}-with-a-name-that-does-not-end-soon`,
    mode: 'stable',
    tracks: services.at(-1)?.tracks ?? [],
  }));
  const nasty = policies.map((policy) => ({
    ...policy,
    allow: false,
    reasons: Array.from({ length: 5 }, () => ({
      message: 'two\nlines\tand \u001B[2J\u001B[10;10Ha 漢字 jump',
    })),
  }));
  const status = { ...look.status, services: [...services, ...many], policies: nasty, conditions };
  return frame(columns, rows, { look: { ...look, status }, selected: many[6]?.name });
}

describe('a frame', () => {
  test.each(SIZES)('at %ix%i', async (columns, rows) => {
    expect(`\n${await frame(columns, rows)}\n`).toMatchSnapshot();
  });

  test('of the help', async () => {
    expect(`\n${await frame(80, 24, { page: 'help' })}\n`).toMatchSnapshot();
  });

  test('of the second service, which has no canary', async () => {
    expect(`\n${await frame(80, 24, { selected: 'web' })}\n`).toMatchSnapshot();
  });

  test('shows the selected service where there are too many', async () => {
    const shown = await crowded(80, 24);
    expect(shown).toMatch(/^› 6-with-a-name/m);
    expect(shown).toMatch(/^ {2}\+\d+ more/m);
  });

  const ODD_SIZES = [...SIZES, [40, 10], [20, 5], [10, 3], [1, 1], [300, 100]] as const;
  test.each(ODD_SIZES)('fits %ix%i whatever it has to say', async (columns, rows) => {
    for (const shown of [await frame(columns, rows), await crowded(columns, rows)]) {
      const lines = shown.split('\n');
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
      expect(shown).not.toContain('\u001B');
    }
  });

  test('says with colours what it says without', async () => {
    const facts = await scene({ columns: 80, rows: 24 }, paintFor({ isTTY: true }, {}));
    const painted = frameOf(facts);
    expect(painted).toContain('\u001B[31m✘ Stalled\u001B[39m');
    expect(stripVTControlCharacters(painted)).toBe(await frame(80, 24));
  });
});

describe('the keyboard', () => {
  test.each<[string, string, LiveKey]>([
    ['j', 'j', 'next'],
    ['down', '\u001B[B', 'next'],
    ['up', '\u001B[A', 'previous'],
    ['tab', '\t', 'next'],
    ['shift-tab', '\u001B[Z', 'previous'],
    ['?', '?', 'help'],
    ['q', 'q', 'quit'],
    ['Ctrl-C', '\u0003', 'interrupt'],
  ])('%s', async (_name, bytes, expected) => {
    const pressed: LiveKey[] = [];
    const { stdin } = render(<Keyboard onKey={(key) => pressed.push(key)} />);
    // Effects run after the first drawing: until then nobody listens.
    await until('the keyboard listens', () => stdin.listenerCount('readable') > 0);
    stdin.write(bytes);
    await until('the key is told', () => pressed.length > 0);
    expect(pressed).toEqual([expected]);
  });
});
