/** Whose attempt it was and who failed, for everything that nginx writes. */
import { describe, expect, test } from 'vitest';
import type { Whose } from '../../../src/reconcilers/judge/attempt.js';
import { attemptsOf } from '../../../src/reconcilers/judge/attempts-of.js';
import { parseJudgeLine } from '../../../src/reconcilers/judge/parse-judge-log.js';
import { judgeLine } from '../../support/judge-line.js';

const ADDRESSES = new Map<string, Whose>([
  ['10.0.0.5', 'canary'],
  ['10.0.0.3', 'stable'],
  ['fd00::3', 'stable'],
  ['10.0.0.7', 'other'],
]);

function attempts(fields: Parameters<typeof judgeLine>[0], isCut = false) {
  const request = parseJudgeLine(judgeLine(fields));
  if (request === undefined) throw new Error('not a line of the judge');
  return attemptsOf(request, { addresses: ADDRESSES, isCut }).map(({ track, outcome, durationMs }) => [
    track,
    outcome,
    durationMs,
  ]);
}

/** What one attempt of the canary came to: status, connect, header, response time; status and completion for the user. */
function one(
  [status, connect, header, response]: readonly [string, string, string, string],
  user = status,
  completion = 'OK',
  stream = '0',
) {
  const [attempt] = attempts({
    status: user,
    completion,
    stream,
    upstreamStatus: status,
    upstreamConnectTime: connect,
    upstreamHeaderTime: header,
    upstreamResponseTime: response,
  });
  return attempt?.slice(1);
}

describe('that the outcome is', () => {
  test('ok: an answer below 500', () => {
    expect(one(['200', '0.001', '0.003', '0.004'])).toEqual(['ok', 4]);
    expect(one(['404', '0.001', '0.003', '0.004'])).toEqual(['ok', 4]);
  });

  test('app: the replica’s own 5xx', () => {
    expect(one(['500', '0.001', '0.003', '0.004'])).toEqual(['app', 4]);
    expect(one(['507', '0.001', '0.003', '0.004'])).toEqual(['app', 4]);
  });

  test('connect: refused, unreachable, or not in time', () => {
    expect(one(['502', '-', '-', '0.000'])).toEqual(['connect', 0]);
    expect(one(['504', '-', '-', '2.001'])).toEqual(['connect', 2001]);
  });

  test('timeout: connected, and no answer in time', () => {
    expect(one(['504', '0.000', '-', '2.001'])).toEqual(['timeout', 2001]);
  });

  test('gateway: broken off before the answer, or the replica’s own 502, 503 or 504', () => {
    expect(one(['502', '0.000', '-', '0.010'])).toEqual(['gateway', 10]);
    expect(one(['503', '0.000', '0.002', '0.002'])).toEqual(['gateway', 2]);
    expect(one(['504', '0.000', '0.002', '0.002'])).toEqual(['gateway', 2]);
  });

  test('gateway: an answer that is no HTTP, or less of it than was promised', () => {
    expect(one(['200', '0.000', '0.002', '0.002'], '009')).toEqual(['gateway', 2]);
    const [attempt] = attempts({ upstreamResponseLength: '40', contentLength: '94' });
    expect(attempt).toEqual(['canary', 'gateway', 4]);
  });

  test('gateway: an answer without a length of which nginx said that it was broken off', () => {
    expect(attempts({ contentLength: '-' }, true)).toEqual([['canary', 'gateway', 4]]);
  });

  test('ok: an answer that promises a body and has none, or has one and promised nothing', () => {
    expect(attempts({ upstreamResponseLength: '0', contentLength: '94' })).toEqual([['canary', 'ok', 4]]);
    expect(attempts({ upstreamResponseLength: '94', contentLength: '-' })).toEqual([['canary', 'ok', 4]]);
  });

  test('aborted: the user left before the answer, or in its middle', () => {
    expect(one(['-', '0.000', '-', '0.700'], '499', '')).toEqual(['aborted', 700]);
    expect(one(['-', '-', '-', '-'], '499', '')).toEqual(['aborted', 0]);
    expect(one(['200', '0.000', '0.002', '90.000'], '200', '')).toEqual(['aborted', 2]);
  });

  test('app: also for a user who did not wait for the end of the error', () => {
    expect(one(['500', '0.000', '0.002', '0.010'], '500', '')).toEqual(['app', 10]);
  });

  test('ok: a stream, as fast as it began, whoever ended it', () => {
    expect(one(['101', '0.000', '0.002', '3600.000'], '101', '', '1')).toEqual(['ok', 2]);
    expect(one(['200', '0.000', '0.002', '30.000'], '200', 'OK', '1')).toEqual(['ok', 2]);
  });

  test('aborted: a user who did not wait for a stream to begin', () => {
    expect(one(['-', '0.000', '-', '0.500'], '499', '', '0')).toEqual(['aborted', 500]);
  });
});

test('that what a version does that is not judged speaks for nobody', () => {
  expect(attempts({ upstreamAddress: '10.0.0.7:3000', upstreamStatus: '500' })).toEqual([]);
});

test('that each attempt speaks for the replica that was asked, whatever track the user was meant for', () => {
  const retried = {
    upstreamAddress: '10.0.0.5:3000, 10.0.0.3:3000',
    upstreamStatus: '502, 200',
    upstreamConnectTime: '-, 0.001',
    upstreamHeaderTime: '-, 0.003',
    upstreamResponseTime: '0.000, 0.003',
    upstreamResponseLength: '0, 94',
  };
  expect(attempts(retried)).toEqual([
    ['canary', 'connect', 0],
    ['stable', 'ok', 3],
  ]);
});

test('that an error which a retry made good for a user who then left still counts', () => {
  const left = {
    status: '499',
    completion: '',
    upstreamAddress: '10.0.0.5:3000, 10.0.0.3:3000',
    upstreamStatus: '504, -',
    upstreamConnectTime: '0.000, 0.001',
    upstreamHeaderTime: '-, -',
    upstreamResponseTime: '2.000, 0.100',
    upstreamResponseLength: '0, 0',
  };
  expect(attempts(left)).toEqual([
    ['canary', 'timeout', 2000],
    ['stable', 'aborted', 100],
  ]);
});

test('that an address which nobody knows any more is of the track that the user was meant for', () => {
  expect(attempts({ upstreamAddress: '10.0.0.9:3000' })).toEqual([['canary', 'ok', 4]]);
  expect(attempts({ upstreamAddress: '10.0.0.9:3000', track: 'stable' })).toEqual([['stable', 'ok', 4]]);
});

test('that the lack of any server speaks against the track that the user was meant for', () => {
  const none = {
    status: '502',
    upstreamAddress: 'app_canary',
    upstreamStatus: '502',
    upstreamConnectTime: '-',
    upstreamHeaderTime: '-',
    upstreamResponseTime: '0.000',
  };
  expect(attempts(none)).toEqual([['canary', 'connect', 0]]);
});

test('that an IPv6 address is known without its brackets', () => {
  expect(attempts({ upstreamAddress: '[fd00::3]:3000' })).toEqual([['stable', 'ok', 4]]);
});
