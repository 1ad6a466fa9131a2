/** Which of nginx's messages are about an answer that was broken off, and whose. */
import { describe, expect, test } from 'vitest';
import { CutAnswers } from '../../../src/reconcilers/judge/cut-answers.js';

const CLIENT =
  'client: 172.17.0.1, server: , request: "GET /two HTTP/1.1", upstream: "http://172.22.0.6:3000/two"';

function said(level: string, message: string, client = CLIENT): boolean {
  const cuts = new CutAnswers();
  cuts.note(`2026/11/29 14:30:00 [${level}] 30#30: *8 ${message}, ${client}`);
  return cuts.take(8);
}

describe('an answer was broken off', () => {
  test.each([
    'upstream prematurely closed connection while reading upstream',
    'upstream timed out (110: Connection timed out) while reading upstream',
    'recv() failed (104: Connection reset by peer) while reading upstream',
    'upstream sent invalid chunked response while reading upstream',
  ])('%s', (message) => expect(said('error', message)).toBe(true));

  test('of this request, and not of the next on the same connection', () => {
    const cuts = new CutAnswers();
    cuts.note(`2026/11/29 14:30:00 [error] 30#30: *8 gone while reading upstream, ${CLIENT}`);
    expect([cuts.take(7), cuts.take(8), cuts.take(8)]).toEqual([false, true, false]);
  });

  test('the oldest is forgotten of many that nobody asks for', () => {
    const cuts = new CutAnswers();
    for (let connection = 0; connection <= 100; connection += 1)
      cuts.note(
        `2026/11/29 14:30:00 [error] 30#30: *${String(connection)} gone while reading upstream, ${CLIENT}`,
      );
    expect([cuts.take(0), cuts.take(1)]).toEqual([false, true]);
  });
});

describe('nothing was broken off', () => {
  test.each([
    ['warn', 'an upstream response is buffered to a temporary file /tmp/proxy/1 while reading upstream'],
    ['error', 'upstream prematurely closed connection while reading response header from upstream'],
    ['error', 'connect() failed (111: Connection refused) while connecting to upstream'],
    ['info', 'client prematurely closed connection while reading upstream'],
  ])('%s %s', (level, message) => expect(said(level, message)).toBe(false));

  test('by what a user wrote', () => {
    const forged = 'client: 172.17.0.1, request: "GET /, gone while reading upstream, client: HTTP/1.1"';
    expect(said('error', 'no live upstreams while connecting to upstream', forged)).toBe(false);
  });
});
