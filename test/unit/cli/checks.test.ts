import { describe, expect, test } from 'vitest';
import { judgeEngine } from '../../../src/cli/checks/engine-access.js';
import { fail, joined, ok, skipped, warn, worst, type Check } from '../../../src/cli/checks/finding.js';
import { checkLines, checksDocument, summaryLine } from '../../../src/cli/checks/print-checks.js';
import { runChecks } from '../../../src/cli/checks/run-checks.js';
import { plain } from '../../../src/cli/basics/talk.js';
import { EngineUnreachable } from '../../../src/reconcilers/docker/engine-errors.js';
import { validatorOf } from '../../support/published-schemas.js';

const NEVER = new AbortController().signal;

function named(name: string, look: Check['look']): Check {
  return { name, look };
}

describe('running', () => {
  test('a check that fails, or throws, keeps no other from running, and the order is that of the list', async () => {
    let release: (words: string) => void = () => undefined;
    const last = new Promise<string>((resolve) => (release = resolve));
    const told: string[] = [];
    const checks = [
      named('slow', async () => ok(await last)),
      named('throws', () => {
        throw new Error('no such thing');
      }),
      named('unreachable', () =>
        Promise.reject(new EngineUnreachable('the container engine does not answer')),
      ),
      named('fails', () => fail('it is red')),
      named('last', () => {
        release('waited for the last');
        return warn('nearly');
      }),
    ];
    const results = await runChecks(checks, NEVER, ({ name }) => told.push(name));
    expect(results.map(({ result, found }) => [result, found])).toEqual([
      ['ok', 'waited for the last'],
      ['fail', 'this could not be found out: no such thing'],
      ['fail', expect.stringContaining('the container engine does not answer at ')],
      ['fail', 'it is red'],
      ['warn', 'nearly'],
    ]);
    expect(told).toEqual(['slow', 'throws', 'unreachable', 'fails', 'last']);
  });

  test('what the engine refused is told in its own words', async () => {
    const refusal = Object.assign(new Error('(HTTP code 500) server error - no room'), {
      statusCode: 500,
      json: { message: 'no room' },
    });
    const [result] = await runChecks([named('a', () => Promise.reject(refusal))], NEVER);
    expect(result?.found).toBe('this could not be found out: no room');
  });

  test('after an interruption every check ends, and nothing is told any more', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const checks = [
      named('first', () => {
        stop.abort();
        return ok('interrupted meanwhile');
      }),
      named('second', (signal) => ok(signal.aborted ? 'gave up' : 'went on')),
    ];
    const results = await runChecks(checks, stop.signal, ({ name }) => told.push(name));
    expect(results.map(({ found }) => found)).toEqual(['interrupted meanwhile', 'gave up']);
    expect(told).toEqual([]);
  });
});

describe('printing', () => {
  const RESULTS = [
    { name: 'manifest', ...ok('it is fine') },
    {
      name: 'images',
      ...joined('1 of 3 is bad', [ok('a is here'), fail('b is not', 'build it'), warn('c is old')]),
    },
    { name: 'port', ...fail('port 80 is held by x', 'stop it') },
    { name: 'nginx', ...skipped('no engine') },
    { name: 'log', ...fail('it says:\none\ntwo') },
  ];

  test('a line per check, the cure under it, and of many things those that are not well', () => {
    expect(RESULTS.map((result) => checkLines(result, 8, plain)).join('\n')).toMatchInlineSnapshot(`
      "✔ manifest  it is fine
      ✘ images    1 of 3 is bad
          ✘ b is not
            → build it
          ! c is old
      ✘ port      port 80 is held by x
        → stop it
      - nginx     not checked: no engine
      ✘ log       it says:
          one
          two"
    `);
  });

  test('the summary counts', () => {
    expect(summaryLine(RESULTS, plain)).toBe('✘ 3 of 5 checks failed, 1 not checked');
    const well = RESULTS.slice(0, 1);
    expect(summaryLine([...well, ...well], plain)).toBe('✔ all 2 checks passed');
    const warned = [...well, { name: 'a', ...warn('b') }];
    expect(summaryLine(warned, plain)).toBe('✔ nothing failed in 2 checks, 1 warning');
  });

  test('the document obeys its schema', () => {
    const isValid = validatorOf('checks');
    const document = checksDocument('doctor', RESULTS);
    isValid(document);
    expect(isValid.errors).toBeNull();
    expect(document.result).toBe('fail');
    expect(isValid({ ...document, result: 'good' })).toBe(false);
  });
});

test.each([
  [[], 'skipped'],
  [[skipped('x'), ok('y')], 'ok'],
  [[ok('x'), warn('y'), ok('z')], 'warn'],
  [[warn('x'), fail('y')], 'fail'],
] as const)('the worst of %j is %s', (findings, result) => {
  expect(worst(findings)).toBe(result);
});

test.each([
  ['1.39', 'fail'],
  ['1.40', 'ok'],
  ['1.9', 'fail'],
  ['1.52', 'ok'],
  ['2.0', 'ok'],
])('an engine with API %s: %s', (apiVersion, result) => {
  const info = { id: 'x', version: '1', apiVersion, systemTime: 0, dataRoot: '/' };
  expect(judgeEngine({ info, address: 'unix:///x' }).result).toBe(result);
});
