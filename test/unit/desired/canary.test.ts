import { describe, expect, it } from 'vitest';
import { oneService, say, serviceOf } from './manifest-text.js';

describe('the canary of a service', () => {
  it('is its steps, with defaults', () => {
    expect(
      serviceOf('replicas: 2\ncanary: { steps: [{ weight: 5, hold: 90s }, { pause: true }, { weight: 50 }] }')
        .canary,
    ).toMatchInlineSnapshot(`
      {
        "deadlineMs": 3600000,
        "replicas": 2,
        "steps": [
          {
            "holdMs": 90000,
            "kind": "share",
            "weight": 5,
          },
          {
            "kind": "pause",
          },
          {
            "holdMs": 60000,
            "kind": "share",
            "weight": 50,
          },
        ],
        "sticky": "cookie",
        "warmupMs": 0,
      }
    `);
  });

  it('says how users stay, who may choose, and how long it may take', () => {
    const text =
      'canary: { steps: [{ weight: 1, hold: 0 }], sticky: ip, header: X-Canary, replicas: 1, warmup: 5s, deadline: 10m, bake: 30m }';
    expect(serviceOf(text).canary).toEqual({
      steps: [{ kind: 'share', weight: 1, holdMs: 0 }],
      sticky: 'ip',
      header: 'X-Canary',
      replicas: 1,
      warmupMs: 5000,
      deadlineMs: 600_000,
      bakeMs: 1_800_000,
    });
  });

  it('does not bake for no time', () => {
    expect(serviceOf('canary: { steps: [{ weight: 5 }], bake: 0s }').canary).not.toHaveProperty('bakeMs');
  });

  it('is nothing where there is no block', () => {
    expect(serviceOf('').canary).toBeUndefined();
  });

  it('keeps the place of a pause that was ended', () => {
    expect(serviceOf('canary: { steps: [{ weight: 5 }, { pause: false }] }').canary?.steps).toEqual([
      { kind: 'share', weight: 5, holdMs: 60_000 },
      { kind: 'pause', ended: true },
    ]);
  });

  it.each([
    ['{ steps: [] }'],
    ['{}'],
    ['{ steps: [{ weight: 101 }] }'],
    ['{ steps: [{ weight: 2.5 }] }'],
    ['{ steps: [{ weight: 25 }, { weight: 25 }] }'],
    ['{ steps: [{ weight: 50 }, { pause: true }, { weight: 20 }] }'],
    ['{ steps: [{}] }'],
    ['{ steps: [{ weight: 5, pause: true }] }'],
    ['{ steps: [{ pause: true, hold: 5s }] }'],
    ['{ steps: [{ weight: 5, hold: soon }] }'],
    ['{ steps: [{ wieght: 5 }] }'],
    ['{ steps: [{ weight: 5 }], sticky: always }'],
    ['{ steps: [{ weight: 5 }], header: "X Canary" }'],
    ['{ steps: [{ weight: 5 }], bake: soon }'],
  ])('%s is refused', (canary) => {
    expect(say(oneService(`canary: ${canary}`))).toMatchSnapshot();
  });
});
