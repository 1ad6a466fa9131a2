/** Windows over what replicas count: what a person reads must be what users had in the last thirty seconds. */
import { describe, expect, test } from 'vitest';
import { ServiceBook } from '../../../src/reconcilers/traffic/service-book.js';
import { trackKey } from '../../../src/reconcilers/traffic/traffic.js';
import { App, Clock, service, START } from './looks.js';

const OLD = START - 3_600_000;
const STABLE = trackKey({ track: 'stable', specHash: 'a1' });

class Watching {
  readonly clock = new Clock();
  readonly book = new ServiceBook({ windowMs: 30_000, quietMs: 27_500, newAfterMs: this.clock.ms });
  apps: App[] = [];

  /** One that was there before anybody looked. */
  app(id: string, startedAt = OLD): App {
    const app = new App(id, this.clock, startedAt);
    this.apps = [...this.apps, app];
    return app;
  }

  follow(apps = this.apps): void {
    this.apps = [...apps];
    this.book.follow(service(apps), this.clock.ms);
  }

  look(): void {
    for (const app of this.apps)
      this.book.note(STABLE, app.target(), { answer: app.scrape(), atMs: this.clock.ms });
  }

  /** `seconds` later, everybody looked at every five of them; `each` happens before each look. */
  run(seconds: number, each: () => void = () => undefined): void {
    for (let passed = 0; passed < seconds; passed += 5) {
      this.clock.pass(5);
      each();
      this.look();
    }
  }

  figures() {
    return this.book.figures(this.clock.ms)?.tracks.get(STABLE);
  }
}

function watching(replicas = 1): { watching: Watching; apps: App[] } {
  const all = new Watching();
  const apps = Array.from({ length: replicas }, (_, index) => all.app(`r${String(index)}`));
  all.follow();
  all.look();
  return { watching: all, apps };
}

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error('not exactly one');
  return item;
}

describe('a window', () => {
  test('needs two looks at a process that was there before', () => {
    const { watching: all, apps } = watching();
    only(apps).ok = 1000;
    expect(all.figures()).toBeUndefined();
    all.run(5, () => (only(apps).ok += 10));
    expect(all.figures()).toMatchObject({ requests: 1010, requestsPerSecond: 202 });
  });

  test('says requests, errors, rates and latencies', () => {
    const { watching: all, apps } = watching();
    const app = only(apps);
    all.run(30, () => {
      app.ok += 45;
      app.failed += 5;
      app.slow += 5;
    });
    expect(all.book.figures(all.clock.ms)?.windowSeconds).toBe(30);
    expect(all.figures()).toEqual({
      requestsPerSecond: 10,
      requests: 300,
      errors: 30,
      errorRatePercent: 10,
      p50LatencyMs: 5.56,
      p99LatencyMs: 2251,
    });
  });

  test('forgets what is older than itself', () => {
    const { watching: all, apps } = watching();
    all.run(5, () => (only(apps).failed += 50));
    all.run(25, () => (only(apps).ok += 10));
    expect(all.figures()).toMatchObject({ requests: 100, errors: 50, errorRatePercent: 50 });
    all.run(5, () => (only(apps).ok += 10));
    expect(all.figures()).toMatchObject({ requests: 60, errors: 0, errorRatePercent: 0 });
  });

  test('is as long as it should be though looks come a little early', () => {
    const { watching: all, apps } = watching();
    for (let looks = 0; looks < 20; looks += 1) {
      all.clock.pass(4.99);
      only(apps).ok += 1;
      all.look();
    }
    expect(all.book.figures(all.clock.ms)?.windowSeconds).toBe(30);
  });

  test('that is not whole yet does not say that nobody came', () => {
    const { watching: all } = watching();
    all.run(25);
    expect(all.figures()).toBeUndefined();
    all.run(5);
    expect(all.figures()).toMatchObject({ requests: 0 });
    const other = watching();
    other.watching.run(5, () => (only(other.apps).ok += 1));
    expect(other.watching.figures()).toMatchObject({ requests: 1 });
  });

  test('without requests has no error rate and no latency', () => {
    const { watching: all, apps } = watching();
    all.run(60, () => (only(apps).probes += 1));
    expect(all.figures()).toEqual({ requestsPerSecond: 0, requests: 0, errors: 0 });
  });

  test('adds up the replicas of a track', () => {
    const { watching: all, apps } = watching(2);
    const [a, b] = apps;
    all.run(30, () => {
      if (a !== undefined) a.ok += 20;
      if (b !== undefined) b.failed += 5;
    });
    expect(all.figures()).toMatchObject({
      requests: 150,
      errors: 30,
      requestsPerSecond: 5,
      errorRatePercent: 20,
    });
  });

  test('one error among very many is not none', () => {
    const { watching: all, apps } = watching();
    all.run(5, () => Object.assign(only(apps), { ok: 3_000_000, failed: 1 }));
    expect(all.figures()?.errorRatePercent).toBe(0.00003);
  });
});

describe('a process that ends', () => {
  test('and starts again in its container: what it counted since is counted, what came before stays', () => {
    const { watching: all, apps } = watching();
    const app = only(apps);
    all.run(10, () => (app.failed += 10));
    const target = app.target();
    all.clock.pass(5);
    app.restart();
    app.ok = 7;
    all.book.note(STABLE, target, { answer: app.scrape(), atMs: all.clock.ms });
    expect(all.figures()).toMatchObject({ requests: 27, errors: 20 });
  });

  test('and starts again with more requests than before is told by its container’s start', () => {
    const { watching: all, apps } = watching();
    const app = only(apps);
    all.run(5, () => (app.ok += 10));
    all.clock.pass(5);
    app.restart();
    app.ok = 500;
    all.follow();
    all.look();
    expect(all.figures()?.requests).toBe(510);
  });

  test('and is replaced leaves its errors in the window', () => {
    const { watching: all, apps } = watching();
    all.run(5, () => (only(apps).failed += 10));
    const successor = new App('healed', all.clock);
    all.follow([successor]);
    all.run(5, () => (successor.ok += 10));
    expect(all.figures()).toMatchObject({ requests: 20, errors: 10 });
    all.run(30);
    expect(all.figures()).toMatchObject({ requests: 0, errors: 0 });
  });

  test('a new one is counted from its start, at the first look', () => {
    const { watching: all } = watching(0);
    const app = all.app('new', all.clock.ms);
    all.follow();
    app.ok = 40;
    all.run(10);
    expect(all.figures()).toMatchObject({ requests: 40, requestsPerSecond: 4 });
  });

  test('another version has figures of its own', () => {
    const { watching: all, apps } = watching();
    all.run(10, () => (only(apps).failed += 10));
    const next = new App('next', all.clock);
    all.book.follow(
      { tracks: [{ track: 'stable', specHash: 'b2', replicas: [next.target()] }] },
      all.clock.ms,
    );
    all.clock.pass(5);
    next.ok = 10;
    all.book.note('stable/b2', next.target(), { answer: next.scrape(), atMs: all.clock.ms });
    const tracks = all.book.figures(all.clock.ms)?.tracks;
    expect([...(tracks ?? [])]).toMatchObject([['stable/b2', { requests: 10, errors: 0 }]]);
  });
});

describe('what does not answer', () => {
  test('is counted as missed as long as the window lasts', () => {
    const { watching: all, apps } = watching(2);
    const [good, hung] = apps;
    all.run(10, () => {
      if (good !== undefined) good.ok += 5;
      if (hung !== undefined) hung.answer = 'missed';
    });
    expect(all.figures()).toMatchObject({ requests: 10, missedScrapes: 2 });
    if (hung !== undefined) hung.answer = 'sample';
    all.run(30);
    expect(all.figures()?.missedScrapes).toBeUndefined();
  });

  test('and comes back tells what it did meanwhile', () => {
    const { watching: all, apps } = watching();
    const app = only(apps);
    app.answer = 'missed';
    all.run(10, () => (app.ok += 10));
    app.answer = 'sample';
    all.run(5, () => (app.ok += 10));
    expect(all.figures()).toMatchObject({ requests: 30, requestsPerSecond: 2 });
  });
});

test('chaos is the worst of all replicas, uptime that of the youngest', () => {
  const { watching: all, apps } = watching(2);
  const [a, b] = apps;
  if (a !== undefined) a.chaos = 1;
  if (b !== undefined) b.startedAt = all.clock.ms - 60_000;
  all.follow();
  all.run(30);
  const figures = all.book.figures(all.clock.ms);
  expect([figures?.chaos, figures?.upSinceMs]).toEqual(['slow', START - 60_000]);
});
