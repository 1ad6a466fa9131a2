import { describe, expect, test } from 'vitest';
import { plain } from '../../../src/cli/basics/talk.js';
import { rolloutLines } from '../../../src/cli/status/rollout-words.js';
import type { ServiceStatus, TrackStatus } from '../../../src/cli/status/status-document.js';

const NOW = Date.parse('2026-05-05T21:00:00.000Z');

type Rollout = NonNullable<ServiceStatus['rollout']>;

function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

function track(name: string, version: string, weight: number): TrackStatus {
  return { track: name, version, specHash: 'x', weight, replicas: { desired: 1, ready: 1 } };
}

const ROLLOUT: Rollout = {
  step: 2,
  steps: 4,
  weight: 25,
  paused: false,
  holdSeconds: 600,
  startedAt: ago(900),
  since: ago(250),
  verdict: 'hold',
  message: 'the canary is held where it is: 1240 requests, 3 errors, 0 slow',
  canary: {
    version: '2.0',
    requests: 1240,
    errors: 3,
    slow: 0,
    errorRatePercent: 0.2419,
    errorIntervalPercent: [0.03, 0.91],
    slowPercent: 0,
    slowIntervalPercent: [0, 0.44],
  },
  stable: {
    version: '1.0',
    requests: 3720,
    errors: 2,
    slow: 1,
    errorRatePercent: 0.0538,
    errorIntervalPercent: [0, 0.3],
    slowPercent: 0.0269,
    slowIntervalPercent: [0, 0.2],
  },
};

/** `change`: undefined takes a field out. */
function lines(
  change: { readonly [Key in keyof Rollout]?: Rollout[Key] | undefined } = {},
  { width = 80, isFromGit = false } = {},
) {
  const fields = Object.entries({ ...ROLLOUT, ...change }).filter(([, value]) => value !== undefined);
  const service = {
    name: 'app',
    mode: 'canary',
    tracks: [track('stable', '1.0', 75), track('canary', '2.0', 25)],
    rollout: Object.fromEntries(fields) as unknown as Rollout,
  };
  return rolloutLines(service, { width, now: NOW, paint: plain, isFromGit });
}

function text(...change: Parameters<typeof lines>): string {
  return lines(...change).join('\n');
}

describe('how a canary stands', () => {
  test('without a stable version it has everything, and why', () => {
    expect(lines({ weight: 100, alone: true })[0]).toBe(
      '  step      2 of 4, 100 % of the requests: there is no stable version yet',
    );
    expect(lines({ weight: 100, alone: true, verdict: 'rollback', step: 4, since: ago(700) })[1]).toBe(
      '  held      11 min 40 s of 10 min; there is no stable version to go back to:',
    );
  });

  test('step, time left, verdict, and both tracks side by side', () => {
    expect(text()).toMatchInlineSnapshot(`
      "  step      2 of 4, 25 % of the requests
        held      4 min 10 s of 10 min, 5 min 50 s left
        verdict   hold: the canary is held where it is: 1240 requests, 3 errors, 0
                  slow
                  canary 2.0              stable 1.0
        requests  1240                    3720
        errors    3 = 0.24 % (0.03–0.91)  2 = 0.05 % (0.00–0.30)
        slow      0 = 0.00 % (0.00–0.44)  1 = 0.03 % (0.00–0.20)
                  in brackets: what the true percentage may be, 95 % sure"
    `);
  });

  test.each<[string, Parameters<typeof lines>[0], string]>([
    ['not served yet', { since: undefined }, 'held      not yet: its share is not served yet'],
    ['held for its time', { since: ago(700) }, '11 min 40 s of 10 min; the next step comes when'],
    ['paused', { paused: true, holdSeconds: undefined }, '4 min 10 s; it waits for a person: swiftdeploy'],
    [
      'at its last step',
      { step: 4 },
      'held      4 min 10 s of 10 min; the last step: swiftdeploy promote stable',
    ],
    ['of a clock that goes after', { since: ago(-5) }, 'held      0 s of 10 min, 10 min left'],
    ['not judged', { verdict: undefined, canary: undefined, stable: undefined }, 'verdict   none yet'],
  ])('%s', (_title, change, says) => expect(text(change)).toContain(says));

  test('a manifest from git is changed by a push', () => {
    const paused = text({ paused: true, holdSeconds: undefined }, { isFromGit: true, width: 160 });
    expect(paused).toContain('4 min 10 s; it waits for a person: push `pause: false`');
    expect(text({ step: 4 }, { isFromGit: true, width: 160 })).toContain(
      'a push of `mode: stable` promotes it',
    );
  });

  test('without requests there are counts and no percentages, and without a stable version one column', () => {
    const said = text({ canary: { version: '2.0', requests: 0, errors: 0, slow: 0 }, stable: undefined });
    expect(said).toContain('\n            canary 2.0\n  requests  0\n  errors    0\n  slow      0\n');
  });

  test('long sentences are broken, and what does not fit side by side stands below each other', () => {
    const message = `error_rate_percent is 7.25, at most 1 is allowed; ${'slow requests are too many '.repeat(6)}`;
    for (const width of [80, 50]) {
      const said = lines({ verdict: 'rollback', message }, { width });
      expect(said.filter((line) => line.length > width)).toEqual([]);
      expect(said.join('\n')).toMatch(/\n {2}verdict {3}rollback: error_rate_percent is 7\.25,.*\n {12}\w/);
    }
    expect(lines({}, { width: 50 }).filter((line) => line.startsWith('  requests'))).toHaveLength(2);
  });

  test('without a canary there is nothing to say', () => {
    const service = { name: 'app', mode: 'stable', tracks: [track('stable', '1.0', 100)] };
    expect(rolloutLines(service, { width: 80, now: NOW, paint: plain, isFromGit: false })).toEqual([]);
  });
});

test.each([
  [{ since: ago(120), until: ago(-480), over: false }, '2 min of 10 min, 8 min left'],
  [{ since: ago(700), until: ago(100), over: false }, 'it is over when the policies say advance'],
  [{ since: ago(700), until: ago(100), over: true }, 'over: it becomes the stable version'],
])('a bake tells its time: %j', (bake, words) => {
  expect(text({ bake })).toContain(words);
});
