/** What is told of a git source: conditions, the commit in status.json, events once per change. */
import { describe, expect, test } from 'vitest';
import type { SourceHealth, SourceNow } from '../../../src/controller/git/git-source.js';
import type { Revision } from '../../../src/controller/git/revision.js';
import {
  sourceConditions,
  sourceEvents,
  sourceStatus,
  withAuthor,
} from '../../../src/reconcilers/report/source-story.js';

const FETCHED: SourceHealth = {
  ok: true,
  reason: 'Fetched',
  message: 'main is there',
  since: '2026-05-05T20:55:22Z',
};
const GONE: SourceHealth = {
  ok: false,
  reason: 'Unreachable',
  message: 'no route',
  since: '2026-05-05T20:56:22Z',
};
const REVISION: Revision = {
  commit: 'a'.repeat(40),
  ref: 'main',
  author: 'Ann <ann@example.com>',
  committedAt: '2026-05-05T20:55:00Z',
  subject: 'version 2',
  dir: '/state/source/revisions/a',
};

function source(change: Partial<SourceNow> = {}): SourceNow {
  return { ready: FETCHED, revision: REVISION, ...change };
}

describe('conditions', () => {
  test('a plain file has none', () => {
    expect(sourceConditions(undefined)).toEqual([]);
  });

  test('SourceReady says what the last look came to; SourceVerified only where signatures are asked for', () => {
    expect(sourceConditions(source())).toEqual([
      { type: 'SourceReady', status: 'True', reason: 'Fetched', message: 'main is there' },
    ]);
    const unsigned = { ...GONE, reason: 'Unsigned', message: 'nobody signed it' };
    expect(sourceConditions(source({ ready: GONE, verified: unsigned }))).toMatchObject([
      { type: 'SourceReady', status: 'False', reason: 'Unreachable' },
      { type: 'SourceVerified', status: 'False', reason: 'Unsigned' },
    ]);
  });
});

test('status.json has the commit that is reconciled, not where it lies', () => {
  expect(sourceStatus({})).toBeUndefined();
  expect(sourceStatus({ source: { ready: GONE } })).toBeUndefined();
  const refused = { ...REVISION, commit: 'b'.repeat(40) };
  expect(sourceStatus({ source: source({ revision: refused }) })).toBeUndefined();
  expect(sourceStatus({ source: source({ revision: refused }), revision: REVISION })).toEqual({
    commit: REVISION.commit,
    ref: 'main',
    author: REVISION.author,
    committedAt: REVISION.committedAt,
    subject: 'version 2',
  });
});

describe('events', () => {
  test('another commit is told once, with the one before', () => {
    const first = sourceEvents(source());
    expect(first.events).toMatchObject([{ event: 'source_changed', commit: REVISION.commit, ref: 'main' }]);
    expect(first.events[0]).not.toHaveProperty('before');
    expect(sourceEvents(source(), first.notes).events).toEqual([]);
    const next = {
      ...REVISION,
      commit: 'b'.repeat(40),
      changedPaths: Array.from({ length: 30 }, (_, n) => `f${String(n)}`),
    };
    const [event] = sourceEvents(source({ revision: next }), first.notes).events;
    expect(event).toMatchObject({ before: REVISION.commit, commit: next.commit, changed_count: 30 });
    expect(event?.changed_paths).toHaveLength(20);
  });

  test('why there is no newer one is told once per reason, and again when it comes back', () => {
    const { notes } = sourceEvents(source());
    const lost = sourceEvents(source({ ready: GONE }), notes);
    expect(lost.events).toEqual([{ event: 'source_rejected', reason: 'Unreachable', message: 'no route' }]);
    expect(sourceEvents(source({ ready: GONE }), lost.notes).events).toEqual([]);
    const back = sourceEvents(source(), lost.notes);
    expect(back).toEqual({ events: [], notes: { commit: REVISION.commit } });
    expect(sourceEvents(source({ ready: GONE }), back.notes).events).toHaveLength(1);
  });

  test('a plain file keeps what was told before', () => {
    expect(sourceEvents(undefined, { commit: REVISION.commit })).toEqual({
      events: [],
      notes: { commit: REVISION.commit },
    });
  });

  test('a new manifest says who is behind it; a refused one, which commit stays in force, too', () => {
    const changed = { event: 'manifest_changed', generation: 2 } as const;
    const news = withAuthor(changed, { source: source(), revision: REVISION });
    expect(news).not.toHaveProperty('applied_commit');
    expect(news).toMatchObject({
      generation: 2,
      author: REVISION.author,
      subject: 'version 2',
    });
    expect(withAuthor(changed, {})).toEqual(changed);
    const invalid = { event: 'manifest_invalid', problems: [] } as const;
    const refused = { source: source(), revision: { ...REVISION, commit: 'b'.repeat(40) } };
    expect(withAuthor(invalid, refused)).toMatchObject({
      commit: REVISION.commit,
      author: REVISION.author,
      applied_commit: 'b'.repeat(40),
    });
    expect(withAuthor(invalid, { source: source() })).not.toHaveProperty('applied_commit');
    const suspended = { event: 'suspended' } as const;
    expect(withAuthor(suspended, refused)).toEqual(suspended);
  });
});
