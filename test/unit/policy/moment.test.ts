/** When it is, and which commit is reconciled: told of every question, as it is at that moment, and absent while nobody knows. */
import { describe, expect, test } from 'vitest';
import type { CanaryFacts, RecentFacts } from '../../../src/reconcilers/judge/canary-facts.js';
import { QUESTIONS } from '../../../src/reconcilers/plan/steps.js';
import { momentFacts } from '../../../src/reconcilers/policy/moment.js';
import type { PolicyInput } from '../../../src/reconcilers/policy/policy-input.js';
import { goodInput } from '../../../src/reconcilers/policy/probe-facts.js';
import type { ToldRevision } from '../../../src/reconcilers/policy/source-fact.js';
import { listeningGate } from '../../support/listening-gate.js';
import { PULL, service, stack } from '../../support/model/stacks.js';
import { validatorOf } from '../../support/published-schemas.js';

const isValid = validatorOf('policy-input');

const FRIDAY = new Date('2026-11-20T16:05:09.123Z');
const REVISION: ToldRevision = {
  commit: 'a'.repeat(40),
  ref: 'main',
  author: 'Ann <ann@example.com>',
  committedAt: '2026-11-20T15:59:00.000Z',
  subject: 'Version 2',
  changedPaths: ['manifest.yaml'],
  signer: 'ann@example.com',
};
const TOLD = {
  revision: 'a'.repeat(40),
  ref: 'main',
  author: 'Ann <ann@example.com>',
  committed_at: '2026-11-20T15:59:00.000Z',
  subject: 'Version 2',
  changed_paths: ['manifest.yaml'],
  signer: 'ann@example.com',
};

/** As a process in that time zone. */
function inZone<T>(zone: string, what: () => T): T {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    return what();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

describe('the time', () => {
  test.each([
    ['UTC', 0],
    ['Asia/Kolkata', 330],
    ['America/New_York', -300],
  ])('in %s is told in UTC, with the %i minutes that the controller is ahead', (zone, offset) => {
    expect(inZone(zone, () => momentFacts({ clock: () => FRIDAY }))).toEqual({
      time: {
        utc: '2026-11-20T16:05:09.123Z',
        weekday: 'friday',
        hour: 16,
        minute: 5,
        offset_minutes: offset,
      },
    });
  });

  test('of each day of a week has its name', () => {
    const days = Array.from({ length: 7 }, (_none, day) => new Date(FRIDAY.getTime() + day * 86_400_000));
    expect(days.map((day) => momentFacts({ clock: () => day }).time?.weekday).join(' ')).toBe(
      'friday saturday sunday monday tuesday wednesday thursday',
    );
  });

  test('that nobody knows is absent', () => {
    expect(momentFacts({ clock: () => new Date(NaN) })).toEqual({});
  });
});

describe('the source', () => {
  test('is told whole', () => {
    expect(momentFacts({ source: () => REVISION }).source).toEqual(TOLD);
  });

  test('has no changed paths and no signer where nobody knows any', () => {
    const { commit, ref, author, committedAt, subject } = REVISION;
    const { source } = momentFacts({ source: () => ({ commit, ref, author, committedAt, subject }) });
    expect(Object.keys(source ?? {}).sort()).toEqual([
      'author',
      'committed_at',
      'ref',
      'revision',
      'subject',
    ]);
  });

  test('keeps to itself where the files are', () => {
    const onDisk = { ...REVISION, dir: '/srv/.swiftdeploy/source/revisions/a' };
    expect(momentFacts({ source: () => onDisk }).source).toEqual(TOLD);
  });

  test('is absent where the manifest comes from no repository', () => {
    expect(momentFacts({ source: () => undefined })).not.toHaveProperty('source');
  });
});

const SIGNAL = new AbortController().signal;
const STACK = stack([service()]);

test('the same question asked again is told the time and the commit of then', async () => {
  let now = FRIDAY;
  let revision: ToldRevision | undefined = REVISION;
  const { gate, heard } = await listeningGate({ clock: () => now, source: () => revision });
  await gate.ask(STACK, PULL, SIGNAL);
  now = new Date('2026-11-21T00:00:00.000Z');
  revision = undefined;
  await gate.ask(STACK, PULL, SIGNAL);
  expect(heard.map(({ time, source }) => [time?.weekday, source?.revision])).toEqual([
    ['friday', REVISION.commit],
    ['saturday', undefined],
  ]);
  for (const input of heard) expect(isValid(input) ? [] : isValid.errors).toEqual([]);
});

test('overrides and looks at canaries are told of the moment, too', async () => {
  const { gate, heard } = await listeningGate({ clock: () => FRIDAY, source: () => REVISION });
  const override = { who: 'ana@host', why: 'now', denied: [] };
  await gate.askOverride(STACK, PULL, { override, signal: SIGNAL });
  const [spec] = STACK.services;
  if (spec === undefined) throw new Error('no service');
  const { canary } = goodInput('x', 'analyse') as { canary: CanaryFacts };
  const recent: RecentFacts = { window_seconds: 30, requests: 0 };
  await gate.askAnalysis(STACK, { spec, cause: 'a second has passed', canary, recent }, SIGNAL);
  expect(heard.map(({ question, time, source }) => [question, time?.weekday, source])).toEqual([
    ['override', 'friday', TOLD],
    ['analyse', 'friday', TOLD],
  ]);
});

test('without a clock of its own a gate has the time of the process', async () => {
  const { gate, heard } = await listeningGate({});
  const before = new Date().toISOString();
  await gate.ask(STACK, PULL, SIGNAL);
  const utc = heard[0]?.time?.utc ?? '';
  expect([before, utc, new Date().toISOString()].sort()[1]).toBe(utc);
  expect(heard[0]).not.toHaveProperty('source');
});

test.each(QUESTIONS)('policies are tried with both: %s', (question) => {
  const input = JSON.parse(JSON.stringify(goodInput('x', question))) as PolicyInput;
  expect(isValid(input) ? [] : isValid.errors).toEqual([]);
  expect(input.time?.weekday).toBe('wednesday');
  expect(input.source?.ref).toBe('main');
});
