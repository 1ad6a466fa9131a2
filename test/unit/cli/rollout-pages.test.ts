import { describe, expect, test } from 'vitest';
import { plain } from '../../../src/cli/basics/talk.js';
import { asciiOnly } from '../../../src/cli/status/live/ascii.js';
import { liveView } from '../../../src/cli/status/live/live-view.js';
import type { Look } from '../../../src/cli/status/look.js';
import { statusPage } from '../../../src/cli/status/status-page.js';
import type { ServiceStatus, TrackStatus } from '../../../src/cli/status/status-document.js';

const NOW = Date.parse('2026-05-05T21:00:00.000Z');
const COUNTS = { requests: 1240, errors: 3, slow: 0, errorRatePercent: 0.24, slowPercent: 0 };
const JUDGED = { ...COUNTS, errorIntervalPercent: [0.03, 0.91], slowIntervalPercent: [0, 0.4] } as const;

function track(name: string, version: string, weight: number): TrackStatus {
  return { track: name, version, specHash: 'x', weight, replicas: { desired: 1, ready: 1 } };
}

function service(name: string): ServiceStatus {
  return {
    name,
    mode: 'canary',
    tracks: [track('stable', '1.0', 75), track('canary', '2.0', 25)],
    rollout: {
      step: 2,
      steps: 4,
      weight: 25,
      paused: false,
      holdSeconds: 600,
      since: new Date(NOW - 60_000).toISOString(),
      verdict: 'hold',
      message: 'the canary is held where it is: 1240 requests, 3 errors, 0 slow',
      canary: JUDGED,
      stable: JUDGED,
    },
  };
}

function lookAt(services: readonly ServiceStatus[]): Look {
  const status = {
    stack: 'shop',
    generation: 1,
    observedGeneration: 1,
    manifest: { path: '/srv/manifest.yaml' },
    conditions: [],
    services,
    policies: [],
  };
  return { status, text: '', events: [], lock: { heldBy: undefined }, manifestChanged: false };
}

function bodyAt(columns: number, rows: number): readonly string[] {
  return liveView({
    look: lookAt([service('app'), service('api')]),
    samples: new Map(),
    selected: 'api',
    page: 'stack',
    intervalMs: 5000,
    size: { columns, rows },
    now: NOW,
    paint: plain,
  }).body;
}

describe('a canary', () => {
  test('has a section of its own on the page, behind the services', () => {
    const look = lookAt([service('app'), { name: 'db', mode: 'stable', tracks: [] }, service('api')]);
    const page = statusPage({ look, now: NOW, paint: plain });
    expect(page.match(/^ROLLOUT .*/gm)).toEqual(['ROLLOUT app', 'ROLLOUT api']);
    expect(page).toContain(
      'ROLLOUT app\n  step      2 of 4, 25 % of the requests\n  held      1 min of 10 min, 9 min left\n  verdict   hold:',
    );
  });

  test('is shown closely for the service that is selected, as wide as the terminal', () => {
    for (const columns of [60, 80, 120]) {
      const body = bodyAt(columns, 50);
      expect(body.filter((line) => line.length > columns)).toEqual([]);
      expect(body.filter((line) => line.includes('step      2 of 4'))).toHaveLength(1);
      expect(body.join('\n')).toContain('req/s');
    }
  });

  test('loses nothing in a terminal without UTF-8', () => {
    const section = bodyAt(80, 50).filter((line) =>
      /^ {2}(?:step|held|verdict|requests|errors|slow) /.test(line),
    );
    expect(section.length).toBeGreaterThan(5);
    expect(asciiOnly(section.join('\n'))).not.toContain('?');
  });

  test('keeps step, time and verdict where there is little room', () => {
    const body = bodyAt(80, 16).join('\n');
    expect(body).toContain('held      1 min of 10 min');
    expect(body).toContain('verdict   hold');
    expect(body).not.toContain('in brackets');
  });
});
