import { describe, expect, test } from 'vitest';
import { plain } from '../../../src/cli/basics/talk.js';
import { asciiOnly, isUtf8 } from '../../../src/cli/status/live/ascii.js';
import { fit, type Section } from '../../../src/cli/status/live/fit.js';
import { keyOf } from '../../../src/cli/status/live/keys.js';
import { firstState, withKey, withLook } from '../../../src/cli/status/live/live-state.js';
import { sampleKey, withSample, type Samples } from '../../../src/cli/status/live/samples.js';
import { sparkline } from '../../../src/cli/status/live/sparkline.js';
import { hasScreen } from '../../../src/cli/status/live/watch.js';
import { weightBar } from '../../../src/cli/status/live/weight-bar.js';
import type { ServiceStatus, TrackStatus } from '../../../src/cli/status/status-document.js';
import { latencyWords, percentWords, rateWords } from '../../../src/cli/status/traffic-words.js';

function track(name: string, weight: number, requestsPerSecond?: number): TrackStatus {
  const traffic = requestsPerSecond === undefined ? {} : { traffic: { requestsPerSecond, requests: 1 } };
  const replicas = { desired: 1, ready: 1 };
  return { track: name, version: '1', specHash: 'x', weight, replicas, ...traffic };
}

function service(name: string, requestsPerSecond?: number): ServiceStatus {
  return { name, mode: 'stable', tracks: [track('stable', 100, requestsPerSecond)] };
}

describe('a sparkline', () => {
  test.each<[string, (number | undefined)[], number | undefined, string]>([
    ['goes from nothing to the largest', [0, 1, 2, 3, 4, 5, 6, 7], undefined, '▁▂▃▄▅▆▇█'],
    ['shows the newest', [9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 9], undefined, '▁▁▁▁▁▁▁█'],
    ['grows from the right', [1, 2], undefined, '      ▅█'],
    ['leaves a gap where nothing is known', [1, undefined, 1], undefined, '     █ █'],
    ['is low where there is nothing', [0, 0], undefined, '      ▁▁'],
    ['of little is not high', [0.1, 0.5], 1, '      ▂▅'],
    ['of nothing is empty', [], undefined, '        '],
    ['survives what is no number', [Number.NaN, -1, 1], undefined, '      ▁█'],
  ])('%s', (_title, values, floor, expected) =>
    expect(sparkline(values, { width: 8, ...(floor === undefined ? {} : { floor }) })).toBe(expected),
  );
});

describe('the weight bar', () => {
  const BAR = { width: 10, paint: plain };

  test.each<[number, string | undefined]>([
    [25, 'stable ███████░░░ canary 25 %'],
    [0, 'stable ██████████ canary 0 %'],
    [1, 'stable █████████░ canary 1 %'],
    [99, 'stable █░░░░░░░░░ canary 99 %'],
    [100, 'stable ░░░░░░░░░░ canary 100 %'],
  ])('of a canary with %i %%', (weight, expected) =>
    expect(weightBar([track('stable', 100 - weight), track('canary', weight)], BAR)).toBe(expected),
  );

  test('is not there without a canary', () => expect(weightBar([track('stable', 100)], BAR)).toBeUndefined());
});

describe('what fits', () => {
  const a: Section = { lines: ['a1', 'a2', 'a3'], least: 2, rank: 0 };
  const b: Section = { lines: ['b1', 'b2'], least: 2, rank: 2 };
  const c: Section = { lines: ['c1', 'c2', 'c3', 'c4'], least: 1, rank: 1, isEndless: true };

  test.each<[number, string]>([
    [12, 'a1 a2 a3  b1 b2  c1 c2 c3 c4'],
    [9, 'a1 a2 a3  b1 b2  c1   +3 more'],
    [7, 'a1 a2 a3 b1 b2 c1   +3 more'],
    [5, 'a1   +2 more b1 b2   +4 more'],
    [3, 'a1   +2 more   +4 more'],
    [1, '  +4 more'],
    [0, ''],
  ])('in %i rows', (rows, expected) => {
    const lines = fit([a, b, c], rows);
    expect(lines.join(' ')).toBe(expected);
    expect(lines.length).toBeLessThanOrEqual(rows);
  });

  test('what follows another has no blank line before it, and an empty section none at all', () => {
    expect(fit([a, { ...b, follows: true }, { ...c, lines: [] }], 20)).toEqual([
      'a1',
      'a2',
      'a3',
      'b1',
      'b2',
    ]);
  });
});

describe('a terminal without UTF-8', () => {
  test('gets a character for a character', () => {
    expect(asciiOnly('✔ Ready · ▁▂▃▄▅▆▇█ █░ … 漢 \u001B[32mok\u001B[39m\n')).toBe(
      '+ Ready | _.:-=+*# #. ~ ? \u001B[32mok\u001B[39m\n',
    );
  });

  test.each<[Record<string, string>, boolean]>([
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LC_ALL: '', LC_CTYPE: 'en_US.UTF-8', LANG: 'C' }, true],
    [{ LC_ALL: 'C', LANG: 'C.UTF-8' }, false],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{}, false],
  ])('is one with %j: %s', (env, expected) => expect(isUtf8(env)).toBe(expected));
});

describe('a screen', () => {
  const terminal = { stdin: { isTTY: true }, stdout: { isTTY: true } };

  test.each<[string, Parameters<typeof hasScreen>[0], Record<string, string>, boolean]>([
    ['a terminal has one', terminal, { TERM: 'xterm', CI: 'false' }, true],
    ['a pipe has none', { ...terminal, stdout: {} }, { TERM: 'xterm' }, false],
    ['without keys it is none', { ...terminal, stdin: {} }, { TERM: 'xterm' }, false],
    ['a dumb terminal has none', terminal, { TERM: 'dumb' }, false],
    ['a job has none', terminal, { TERM: 'xterm', CI: 'true' }, false],
  ])('%s', (_title, streams, env, expected) => expect(hasScreen(streams, env)).toBe(expected));
});

describe('keys', () => {
  const none = { ctrl: false, shift: false, tab: false, upArrow: false, downArrow: false };

  test.each<[string, Partial<typeof none>, ReturnType<typeof keyOf>]>([
    ['j', {}, 'next'],
    ['', { downArrow: true }, 'next'],
    ['', { tab: true }, 'next'],
    ['k', {}, 'previous'],
    ['', { upArrow: true }, 'previous'],
    ['', { tab: true, shift: true }, 'previous'],
    ['?', {}, 'help'],
    ['q', {}, 'quit'],
    ['c', { ctrl: true }, 'interrupt'],
    ['q', { ctrl: true }, undefined],
    ['x', {}, undefined],
    ['toString', {}, undefined],
  ])('%j %j', (input, key, expected) => expect(keyOf(input, { ...none, ...key })).toBe(expected));
});

describe('what the view remembers', () => {
  const look = {
    status: {
      stack: 'shop',
      generation: 1,
      observedGeneration: 1,
      manifest: { path: '/srv/manifest.yaml' },
      conditions: [],
      services: [service('app', 4), service('web')],
      policies: [],
    },
    text: '',
    events: [],
    lock: 'no engine' as const,
    manifestChanged: false,
  };

  function ratesOf(samples: Samples, name = 'app') {
    return samples.get(sampleKey(name, 'stable'))?.map(({ requestsPerSecond }) => requestsPerSecond);
  }

  test('is a sample per measurement, none in between, and a gap where nobody measured', () => {
    const steps = (['fresh', 'between', 'stale', 'fresh'] as const).reduce(
      (state, kind) => withLook(state, look, kind),
      firstState(look),
    );
    expect(ratesOf(steps.samples)).toEqual([4, undefined, 4]);
    expect(ratesOf(steps.samples, 'web')).toEqual([undefined, undefined, undefined]);
  });

  test('is bounded, and forgets what left', () => {
    let samples: Samples = new Map();
    for (let count = 0; count < 1000; count += 1)
      samples = withSample(samples, [service('app', count)], 'fresh');
    expect(ratesOf(samples)).toHaveLength(240);
    expect(ratesOf(samples)?.at(-1)).toBe(999);
    expect([...withSample(samples, [service('web', 1)], 'fresh').keys()]).toEqual(['web/stable']);
  });

  test('keys go round the services, and leave the help', () => {
    const after = (...keys: Parameters<typeof withKey>[1][]) => keys.reduce(withKey, firstState(look));
    expect(after('next').selected).toBe('web');
    expect(after('next', 'next').selected).toBe('app');
    expect(after('previous').selected).toBe('web');
    expect(after('help').page).toBe('help');
    expect(after('help', 'help').page).toBe('stack');
    expect(after('help', 'next').page).toBe('stack');
    expect(after('quit')).toEqual(firstState(look));
    const empty = firstState({ ...look, status: { ...look.status, services: [] } });
    expect(withKey(empty, 'next')).toEqual(empty);
  });
});

describe('figures', () => {
  test.each<[string, string]>([
    [rateWords(undefined), '-'],
    [rateWords(0), '0.0'],
    [rateWords(39.72), '39.7'],
    [rateWords(1204.6), '1205'],
    [percentWords(undefined), '-'],
    [percentWords(56.4484), '56.45 %'],
    [latencyWords(undefined), '-'],
    [latencyWords(4.23), '4.2 ms'],
    [latencyWords(480.4), '480 ms'],
    [latencyWords(2314), '2.31 s'],
  ])('%s', (words, expected) => expect(words).toBe(expected));
});
