/** Which looks at the metrics become lines of the history, and what they say. */
import { describe, expect, test } from 'vitest';
import { ScrapeStory, wordsOf, type PolicyWord } from '../../../src/reconcilers/traffic/scrape-story.js';
import type { ServiceTraffic, Traffic, TrackTraffic } from '../../../src/reconcilers/traffic/traffic.js';
import { App, Clock, service } from './looks.js';

const clock = new Clock();
const STABLE = service([new App('a', clock)]);
const CANARY = {
  ...STABLE,
  mode: 'canary' as const,
  tracks: [...STABLE.tracks, { track: 'canary' as const, specHash: 'b2', replicas: [] }],
};
const BUSY: TrackTraffic = {
  requestsPerSecond: 10,
  requests: 300,
  errors: 0,
  errorRatePercent: 0,
  p99LatencyMs: 40,
};

function traffic(track: TrackTraffic = BUSY, more: Partial<ServiceTraffic> = {}): Traffic {
  const figures = { scrapedAt: new Date(clock.ms).toISOString(), windowSeconds: 30, ...more };
  return new Map([['app', { service: figures, tracks: new Map([['stable/a1', track]]) }]]);
}

class Book {
  readonly story = new ScrapeStory();
  seconds = 0;

  /** Names of what is told five seconds later. */
  told(figures = traffic(), words: PolicyWord = {}, of = STABLE): string[] {
    this.seconds += 5;
    return this.story.tell(of, figures, words, this.seconds * 1000).map(({ event }) => event);
  }
}

test('a line says what the published tools say, and nothing that is unknown', () => {
  const words = { infrastructure: true, canary: false };
  expect(new ScrapeStory().tell(STABLE, traffic(BUSY, { chaos: 'none' }), words, 0)).toEqual([
    {
      event: 'status_scrape',
      service: 'app',
      mode: 'stable',
      error_rate_percent: 0,
      p99_latency_ms: 40,
      requests_per_second: 10,
      chaos: 'none',
      policy_infra_pass: true,
      policy_canary_pass: false,
    },
  ]);
  const idle = { requestsPerSecond: 0, requests: 0 };
  expect(new ScrapeStory().tell(STABLE, traffic(idle), { canary: false }, 0)).toEqual([
    {
      event: 'status_scrape',
      service: 'app',
      mode: 'stable',
      requests_per_second: 0,
      policy_canary_pass: false,
    },
  ]);
});

test('with a canary the figures are the canary’s', () => {
  const figures = traffic();
  const tracks = new Map([
    ...(figures.get('app')?.tracks ?? []),
    ['canary/b2', { ...BUSY, errorRatePercent: 62.5 }],
  ]);
  const both: Traffic = new Map([['app', { service: { scrapedAt: '', windowSeconds: 30 }, tracks }]]);
  expect(new ScrapeStory().tell(CANARY, both, {}, 0)).toMatchObject([
    { mode: 'canary', error_rate_percent: 62.5 },
  ]);
});

describe('what somebody else told', () => {
  const looks = [{ ...BUSY, requestsPerSecond: 90 }, BUSY];

  function recalled(): ScrapeStory {
    const before = new ScrapeStory();
    const story = new ScrapeStory();
    const told = looks.flatMap((look, index) => before.tell(STABLE, traffic(look), {}, 1000 * index));
    story.recall(
      told.map((event, seq) => ({ ...event, seq, prev: '', timestamp: new Date(1000 * seq).toISOString() })),
    );
    return story;
  }

  test('is not told again', () => {
    expect(recalled().tell(STABLE, traffic(), {}, 5000)).toEqual([]);
    expect(recalled().tell(STABLE, traffic({ requestsPerSecond: 0, requests: 0 }), {}, 5000)).toHaveLength(1);
  });

  test('is told again a minute later, while somebody comes', () => {
    expect(recalled().tell(STABLE, traffic(), {}, 60_999)).toEqual([]);
    expect(recalled().tell(STABLE, traffic(), {}, 61_000)).toHaveLength(1);
  });
});

test('nothing known is nothing told', () => {
  expect(new ScrapeStory().tell(STABLE, new Map(), {}, 0)).toEqual([]);
});

describe('a line is written', () => {
  test('each time while a canary is live', () => {
    const book = new Book();
    expect([1, 2, 3].map(() => book.told(traffic(), {}, CANARY))).toEqual(Array(3).fill(['status_scrape']));
  });

  test.each([{ infrastructure: false }, { canary: false }])('each time while %j', (words) => {
    const book = new Book();
    expect([1, 2, 3].map(() => book.told(traffic(), words))).toEqual(Array(3).fill(['status_scrape']));
  });

  test('once a minute while there is traffic and all is as it was', () => {
    const book = new Book();
    const told = Array.from({ length: 25 }, () => book.told()).flat();
    expect(told).toHaveLength(3); // the first, and after one and two minutes
  });

  test('never again while nobody comes', () => {
    const book = new Book();
    const idle = traffic({ requestsPerSecond: 0, requests: 0, errors: 0 });
    const told = () => Array.from({ length: 1000 }, () => book.told(idle)).flat();
    expect(told()).toEqual([]);
    expect(book.told()).toEqual(['status_scrape']);
    expect(told()).toEqual(['status_scrape']); // that they stopped coming
  });

  test.each([
    ['the error rate', traffic({ ...BUSY, errorRatePercent: 1.5 }), {}, STABLE],
    ['the latency', traffic({ ...BUSY, p99LatencyMs: 80 }), {}, STABLE],
    ['the load', traffic({ ...BUSY, requestsPerSecond: 20 }), {}, STABLE],
    ['the end of the traffic', traffic({ requestsPerSecond: 0, requests: 0 }), {}, STABLE],
    ['the mode', traffic(), {}, { ...STABLE, mode: 'canary' as const }],
    ['an answer of a policy', traffic(), { infrastructure: true }, STABLE],
  ])('when %s changed', (_what, figures, words, of) => {
    const book = new Book();
    book.told();
    expect(book.told()).toEqual([]);
    expect(book.told(figures, words, of)).toEqual(['status_scrape']);
    expect(book.told(figures, words, of)).toEqual([]);
  });

  test('not for what only trembles', () => {
    const book = new Book();
    book.told();
    expect(
      book.told(traffic({ ...BUSY, requestsPerSecond: 11, p99LatencyMs: 42, errorRatePercent: 0.4 })),
    ).toEqual([]);
  });
});

describe('chaos', () => {
  const modes = (book: Book, ...all: readonly (ServiceTraffic['chaos'] | undefined)[]) =>
    all.map((chaos) =>
      book.story
        .tell(STABLE, traffic(BUSY, chaos === undefined ? {} : { chaos }), {}, 0)
        .filter(({ event }) => event === 'chaos')
        .map(({ mode }) => mode),
    );

  test('is told when it changes', () => {
    const told = modes(new Book(), 'none', 'error', 'error', 'slow', 'none', 'none');
    expect(told).toEqual([[], ['error'], [], ['slow'], ['none'], []]);
  });

  test('is not over because nobody told of it for a moment', () => {
    expect(modes(new Book(), 'error', undefined, 'error', 'none')).toEqual([['error'], [], [], ['none']]);
  });
});

test('an answer that never came is no word of a policy', () => {
  const answers = [
    { domain: 'infrastructure', allow: false, code: 'OPA_TIMEOUT' as const },
    { domain: 'canary', allow: true },
  ];
  expect(wordsOf(answers)).toEqual({ canary: true });
});
