/** How often replicas are asked, and what changes in the status because of it. Rounds are run by hand, on the test's clock. */
import { describe, expect, test } from 'vitest';
import type { ScrapedService, ScrapeTarget } from '../../../src/reconcilers/traffic/targets.js';
import { TrafficMonitor } from '../../../src/reconcilers/traffic/traffic-monitor.js';
import { App, Clock, service, START } from './looks.js';

const OLD = START - 3_600_000;

class Watched {
  readonly clock = new Clock();
  readonly apps: App[];
  readonly monitor: TrafficMonitor;
  changes = 0;
  rounds = 0;
  proxy: 'up' | 'away' = 'up';

  constructor(replicas: number) {
    this.apps = Array.from({ length: replicas }, (_, index) => new App(`r${String(index)}`, this.clock, OLD));
    this.monitor = new TrafficMonitor({
      now: this.clock.now,
      ask: (target, before) =>
        Promise.resolve(
          this.proxy === 'away' ? { kind: 'unasked' as const } : this.find(target).scrape(before),
        ),
    });
    this.monitor.onRound = (looked, changed) => {
      this.rounds += looked.length;
      this.changes += changed ? 1 : 0;
    };
    this.watch(service(this.apps));
  }

  watch(...services: readonly ScrapedService[]): void {
    this.monitor.watch(services);
  }

  find({ containerId }: ScrapeTarget): App {
    const app = this.apps.find(({ id }) => id === containerId);
    if (app === undefined) throw new Error(`nobody is ${containerId}`);
    return app;
  }

  /** A round at every second: what is due is asked. */
  async run(seconds: number, each: () => void = () => undefined): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.clock.pass(1);
      each();
      await this.monitor.round();
    }
  }

  /** How often anybody was asked since the last call. */
  asked(): number {
    const sum = this.apps.reduce((total, { asked }) => total + asked, 0);
    for (const app of this.apps) app.asked = 0;
    return sum;
  }

  traffic() {
    const [figures] = this.monitor.known().values();
    return figures === undefined ? undefined : { ...figures.service, ...figures.tracks.get('stable/a1') };
  }
}

describe('replicas are asked', () => {
  test('all of them every five seconds while there is traffic, and for a minute after it', async () => {
    const all = new Watched(4);
    const [first] = all.apps;
    await all.run(10);
    if (first !== undefined) first.ok += 10;
    await all.run(20); // the one that stands for all comes round in turn
    all.asked();
    await all.run(30);
    expect(all.asked()).toBe(4 * 6);
    await all.run(60);
    all.asked();
    await all.run(60);
    expect(all.asked()).toBe(12); // one for all
    await all.run(600);
    all.asked();
    await all.run(60);
    expect(all.asked()).toBe(10); // four replicas: every six seconds
  });

  test('one for all of them while there is none', async () => {
    const all = new Watched(20);
    await all.run(1);
    expect(all.asked()).toBe(20);
    await all.run(120);
    expect(all.asked()).toBe(4);
    const small = new Watched(3);
    await small.run(1);
    small.asked();
    await small.run(120);
    expect(small.asked()).toBe(24);
  });

  test('seldom where many services are idle, and never less than twice a minute', async () => {
    const all = new Watched(20);
    const one = (app: App) => service([app], { name: app.id });
    all.watch(...all.apps.map(one));
    await all.run(1);
    all.asked();
    await all.run(60);
    expect(all.asked()).toBe(20 * 2);
    const many = new Watched(60);
    many.watch(...many.apps.map(one));
    await many.run(1);
    many.asked();
    await many.run(60);
    expect(many.asked()).toBe(60 * 2);
  });

  test('all of them, always, while a canary is live', async () => {
    const all = new Watched(3);
    const replicas = all.apps.map((app) => app.target());
    all.watch({ name: 'app', mode: 'canary', tracks: [{ track: 'canary', specHash: 'b2', replicas }] });
    await all.run(1);
    all.asked();
    await all.run(120);
    expect(all.asked()).toBe(3 * 24);
  });

  test('once a minute where the app has no metrics', async () => {
    const all = new Watched(3);
    for (const app of all.apps) app.answer = 'none';
    await all.run(1);
    all.asked();
    await all.run(120, () => all.watch(service(all.apps)));
    expect(all.asked()).toBe(2);
    expect(all.monitor.known().size).toBe(0);
  });

  test('all at once, as soon as one of them has something to tell', async () => {
    const all = new Watched(10);
    await all.run(101);
    for (const app of all.apps) app.ok += 10;
    all.asked();
    let asked = 0;
    for (let seconds = 0; seconds < 15 && asked === 0; seconds += 1) {
      await all.run(1);
      asked = all.asked();
    }
    expect(asked).toBe(10);
    // Nobody was there before, so the others' long silence does not thin out the rate.
    expect(all.traffic()).toMatchObject({ requests: 100, windowSeconds: 30 });
  });
});

test('a round that ends after the monitor was stopped is told to nobody', async () => {
  const all = new Watched(1);
  await all.run(10);
  const before = all.rounds;
  all.clock.pass(5);
  const round = all.monitor.round();
  all.monitor.stop();
  await round;
  expect(all.rounds).toBe(before);
});

describe('the status', () => {
  test('of an idle stack stands still', async () => {
    const all = new Watched(3);
    await all.run(60);
    const before = all.traffic();
    all.changes = 0;
    await all.run(600, () => all.apps.forEach((app) => (app.probes += 1)));
    expect(all.traffic()).toEqual(before);
    expect(all.changes).toBe(0);
    expect(all.rounds).toBeGreaterThan(100);
  });

  test('of many idle services stands still, though looks are far apart', async () => {
    const all = new Watched(20);
    all.watch(...all.apps.map((app) => service([app], { name: app.id })));
    await all.run(120);
    expect(all.traffic()).toMatchObject({ windowSeconds: 30, requests: 0 });
    all.changes = 0;
    await all.run(300);
    expect(all.changes).toBe(0);
  });

  test('does not take silence for quiet', async () => {
    const all = new Watched(1);
    await all.run(60);
    all.apps.forEach((app) => (app.answer = 'missed'));
    await all.run(40, () => all.apps.forEach((app) => (app.ok += 5)));
    all.apps.forEach((app) => (app.answer = 'sample'));
    await all.run(5);
    expect(all.traffic()).toMatchObject({ requests: 200, windowSeconds: 45 });
  });

  test('moves with the traffic, and its time with it', async () => {
    const all = new Watched(1);
    await all.run(60);
    const before = all.traffic();
    await all.run(5, () => all.apps.forEach((app) => (app.ok += 1)));
    expect(all.traffic()?.requests).toBeGreaterThan(0);
    expect(Date.parse(all.traffic()?.scrapedAt ?? '')).toBeGreaterThan(Date.parse(before?.scrapedAt ?? ''));
  });

  test('shows a process that started again, though nothing else changed', async () => {
    const all = new Watched(1);
    await all.run(60);
    const [app] = all.apps;
    app?.restart();
    all.watch(service(all.apps));
    await all.run(10);
    expect(all.traffic()?.uptimeSeconds).toBeLessThanOrEqual(10);
  });

  test('forgets a service that has gone', async () => {
    const all = new Watched(1);
    await all.run(60);
    all.watch();
    expect(all.monitor.known().size).toBe(0);
    await all.run(60);
    expect(all.monitor.known().size).toBe(0);
  });

  test('does not hold a proxy that is away against the replicas', async () => {
    const all = new Watched(1);
    await all.run(60);
    all.proxy = 'away';
    await all.run(20);
    expect(all.traffic()?.missedScrapes).toBeUndefined();
  });

  test('is absent again when nobody was left to ask for longer than the window', async () => {
    const all = new Watched(1);
    await all.run(60);
    all.watch({ ...service([]), tracks: [{ track: 'stable', specHash: 'a1', replicas: [] }] });
    await all.run(60);
    expect(all.traffic()).toBeUndefined();
  });
});

test('of each track it is known what went wrong with its metrics lately, and what they say of chaos', async () => {
  const watched = new Watched(1);
  const [app] = watched.apps;
  if (app === undefined) throw new Error('nobody');
  expect(watched.monitor.troubles('app', 'stable/a1')).toBeUndefined();
  app.ok = 10;
  app.chaos = 2;
  await watched.run(10);
  expect(watched.monitor.troubles('app', 'stable/a1')).toEqual({
    windowSeconds: 30,
    resets: 0,
    missedScrapes: 0,
    chaos: 'error',
  });
  expect(watched.monitor.troubles('app', 'canary/b2')).toBeUndefined();
  app.restart();
  await watched.run(6);
  expect(watched.monitor.troubles('app', 'stable/a1')).toMatchObject({ resets: 1, missedScrapes: 0 });
  app.answer = 'missed';
  await watched.run(6);
  expect(watched.monitor.troubles('app', 'stable/a1')?.missedScrapes).toBeGreaterThan(0);
  app.answer = 'none';
  await watched.run(100);
  expect(watched.monitor.troubles('app', 'stable/a1')).toMatchObject({ resets: 0, missedScrapes: 0 });
});
