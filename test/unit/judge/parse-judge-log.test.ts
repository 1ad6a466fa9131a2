/** A line of the judge's log is believed only when it is exactly what the proxy writes. */
import { describe, expect, test } from 'vitest';
import { isJudgeLine, parseJudgeLine } from '../../../src/reconcilers/judge/parse-judge-log.js';
import { judgeLine } from '../../support/judge-line.js';

test('that one replica answered at once', () => {
  expect(parseJudgeLine(judgeLine())).toEqual({
    service: 'app',
    track: 'canary',
    endedAtMs: 1_795_285_509_123,
    status: 200,
    isComplete: true,
    isStream: false,
    tries: [
      { address: '10.0.0.5:3000', status: 200, connectMs: 1, headerMs: 3, responseMs: 4, bodyLength: 94 },
    ],
    contentLength: 94,
    connection: 7,
  });
});

test('that the second server stood in for the first', () => {
  const line = judgeLine({
    upstreamAddress: '10.0.0.5:3000, 10.0.0.3:3000',
    upstreamStatus: '502, 200',
    upstreamConnectTime: '-, 0.001',
    upstreamHeaderTime: '-, 0.003',
    upstreamResponseTime: '0.000, 0.003',
    upstreamResponseLength: '0, 94',
  });
  expect(parseJudgeLine(line)?.tries).toEqual([
    { address: '10.0.0.5:3000', status: 502, responseMs: 0, bodyLength: 0 },
    { address: '10.0.0.3:3000', status: 200, connectMs: 1, headerMs: 3, responseMs: 3, bodyLength: 94 },
  ]);
});

test('that another upstream stood in after an internal redirect', () => {
  const line = judgeLine({
    upstreamAddress: '10.0.0.5:3000 : 10.0.0.3:3000',
    upstreamStatus: '502 : 200',
    upstreamConnectTime: '- : 0.001',
    upstreamHeaderTime: '- : 0.003',
    upstreamResponseTime: '0.000 : 0.003',
    upstreamResponseLength: '0 : 94',
  });
  expect(parseJudgeLine(line)?.tries.map(({ address }) => address)).toEqual([
    '10.0.0.5:3000',
    '10.0.0.3:3000',
  ]);
});

test('that a request reached no upstream', () => {
  const nobody = {
    upstreamAddress: '-',
    upstreamStatus: '-',
    upstreamConnectTime: '-',
    upstreamHeaderTime: '-',
    upstreamResponseTime: '-',
    upstreamResponseLength: '-',
  };
  expect(parseJudgeLine(judgeLine({ status: '400', ...nobody }))?.tries).toEqual([]);
});

describe('that a line is not believed', () => {
  test.each([
    ['whose lists are of different lengths', { upstreamStatus: '502, 200' }],
    ['with more items than addresses', { upstreamResponseTime: '0.001, 0.002' }],
    ['of a track that does not exist', { track: 'beta' }],
    ['of no service', { service: '' }],
    ['with a status that is no number', { upstreamStatus: '2x0' }],
    ['with a negative time', { upstreamResponseTime: '-0.004' }],
    ['with an exponent for a time', { upstreamResponseTime: '1e9' }],
    ['with a time that no double holds', { endedAt: '99999999999999999.000' }],
    ['with a word for a completion', { completion: 'DONE' }],
    ['with an empty address', { upstreamAddress: '' }],
    ['that was cut short in its last field', { stream: '' }],
    ['of a stream that is neither', { stream: '2' }],
  ])('%s', (_, fields) => {
    const line = judgeLine(fields);
    expect(isJudgeLine(line)).toBe(true);
    expect(parseJudgeLine(line)).toBeUndefined();
  });

  test('that goes on after its end', () => {
    expect(parseJudgeLine(`${judgeLine()}|1`)).toBeUndefined();
    expect(parseJudgeLine(`${judgeLine()} ${judgeLine()}`)).toBeUndefined();
  });

  test('that was cut short anywhere before its last digit', () => {
    const line = judgeLine({ connection: '4' });
    for (let end = 0; end < line.length; end += 1) expect(parseJudgeLine(line.slice(0, end))).toBeUndefined();
  });

  test('that is one of nginx’s own messages', () => {
    const line = `2026/05/05 20:55:22 [error] 29#29: *5 connect() failed, request: "GET /${judgeLine()} HTTP/1.1"`;
    expect(isJudgeLine(line)).toBe(false);
  });
});
