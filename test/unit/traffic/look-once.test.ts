/** A command's own look at the metrics: each starts where the one before ended. */
import { describe, expect, test } from 'vitest';
import { lookOnce, type KeptSamples, type OneLook } from '../../../src/reconcilers/traffic/look-once.js';
import { App, Clock, service, START } from './looks.js';

const OLD = START - 3_600_000;

class Person {
  readonly clock = new Clock();
  kept: KeptSamples = {};
  private app: App | undefined;

  follow(startedAt = OLD): App {
    return (this.app = new App('a', this.clock, startedAt));
  }

  /** `meanwhile` happens once somebody asked. */
  async look(meanwhile: () => void = () => undefined): Promise<OneLook> {
    const app = this.app ?? this.follow();
    const look = await lookOnce([service([app])], {
      kept: JSON.parse(JSON.stringify(this.kept)) as KeptSamples,
      signal: new AbortController().signal,
      now: this.clock.now,
      pauseMs: 0,
      ask: (_target, before) => {
        const answer = app.scrape(before);
        this.clock.pass(1);
        meanwhile();
        return Promise.resolve(answer);
      },
    });
    this.kept = look.kept;
    return look;
  }
}

function figures({ traffic }: OneLook) {
  const of = traffic.get('app');
  return { ...of?.service, ...of?.tracks.get('stable/a1') };
}

describe('a look', () => {
  test('at an old process of which nothing is known asks twice', async () => {
    const person = new Person();
    const app = person.follow();
    app.ok = 1000;
    expect(figures(await person.look(() => (app.ok += 7)))).toMatchObject({ requests: 7 });
    expect(app.asked).toBe(2);
  });

  test('at a young process asks once and counts from its start', async () => {
    const person = new Person();
    const app = person.follow(START - 120_000);
    [app.ok, app.failed] = [90, 30];
    expect(figures(await person.look())).toMatchObject({
      requests: 120,
      errorRatePercent: 25,
      windowSeconds: 121,
    });
    expect(app.asked).toBe(1);
  });

  test('after another one says what happened in between', async () => {
    const person = new Person();
    const app = person.follow();
    await person.look();
    person.clock.pass(60);
    [app.asked, app.failed] = [0, 12];
    expect(figures(await person.look())).toMatchObject({ requests: 12, errors: 12, windowSeconds: 61 });
    expect(app.asked).toBe(1);
    person.clock.pass(60);
    app.ok = 5;
    expect(figures(await person.look())).toMatchObject({ requests: 5, errors: 0 });
  });

  test('right after another one looks back as far as that one did', async () => {
    const person = new Person();
    const app = person.follow();
    await person.look();
    person.clock.pass(30);
    app.failed = 10;
    await person.look();
    expect(figures(await person.look())).toMatchObject({ requests: 10, errors: 10 });
  });

  test('long after another one starts anew', async () => {
    const person = new Person();
    const app = person.follow();
    await person.look();
    person.clock.pass(3600);
    app.failed = 1000;
    app.asked = 0;
    expect(figures(await person.look(() => (app.ok += 1)))).toMatchObject({ requests: 1, errors: 0 });
    expect(app.asked).toBe(2);
  });

  test('keeps no more than it needs', async () => {
    const person = new Person();
    for (let times = 0; times < 50; times += 1) {
      await person.look();
      person.clock.pass(4);
    }
    const [samples] = Object.values(person.kept);
    expect(samples?.length).toBeLessThan(10);
  });

  test('at an app without metrics finds nothing, at once', async () => {
    const person = new Person();
    const app = person.follow();
    app.answer = 'none';
    expect((await person.look()).traffic.size).toBe(0);
    expect(app.asked).toBe(1);
  });
});
