/** What OPA 1.21 prints about bad policies, made into problems with file, row and column. Fixtures are its own output. */
import { describe, expect, test } from 'vitest';
import { allowedOnly } from '../../../src/reconcilers/policy/capabilities.js';
import {
  compileProblems,
  formatPolicyProblem,
  parseCheckOutput,
  parseTestOutput,
} from '../../../src/reconcilers/policy/check-policies.js';

function failed(stderr: string, stdout = '', exitCode = 1) {
  return { stdout, stderr, exitCode };
}

describe('opa check', () => {
  test('nothing to say', () => {
    expect(parseCheckOutput({ stdout: '', stderr: '', exitCode: 0 })).toEqual([]);
  });

  test('errors with a place', () => {
    const stderr = JSON.stringify({
      errors: [
        {
          message: 'var inptu is unsafe',
          code: 'rego_unsafe_var_error',
          location: { file: '/bundle/a/b.rego', row: 5, col: 10 },
        },
        {
          message: 'assigned var x unused',
          code: 'rego_compile_error',
          location: { file: 'bundle/a/b.rego', row: 7, col: 20 },
        },
      ],
    });
    expect(parseCheckOutput(failed(stderr)).map(formatPolicyProblem)).toEqual([
      'a/b.rego:5:10 rego_unsafe_var_error: var inptu is unsafe',
      'a/b.rego:7:20 rego_compile_error: assigned var x unused',
    ]);
  });

  test.each([
    '`if` keyword is required before rule body',
    '`contains` keyword is required for partial set rules',
  ])('Rego from before 1.0 gets the way out: %s', (message) => {
    const stderr = JSON.stringify({
      errors: [{ message, code: 'rego_parse_error', location: { file: '/bundle/a.rego', row: 3, col: 1 } }],
    });
    expect(parseCheckOutput(failed(stderr))).toEqual([
      {
        file: 'a.rego',
        row: 3,
        column: 1,
        code: 'rego_parse_error',
        message,
        hint: 'Rego from before OPA 1.0; convert it with: opa fmt --write --v0-v1 a.rego',
      },
    ]);
  });

  test('data that is not JSON', () => {
    const message = 'bundle /bundle: bundle load failed on /bundle/b/data.json: invalid character';
    expect(parseCheckOutput(failed(JSON.stringify({ errors: [{ message }] })))).toEqual([
      { file: 'b/data.json', code: 'data_not_loaded', message: 'invalid character' },
    ]);
  });

  test('something else, or nothing at all', () => {
    expect(parseCheckOutput(failed('panic: runtime error', '', 2))).toEqual([
      { code: 'opa_error', message: 'panic: runtime error' },
    ]);
    expect(parseCheckOutput(failed('', '', 137))).toEqual([
      { code: 'opa_error', message: 'opa ended with 137 and said nothing' },
    ]);
  });
});

describe('opa eval', () => {
  const set = { files: [{ path: 'a/b.rego', content: Buffer.of() }] };
  const error = {
    message: 'assigned var x unused',
    code: 'rego_compile_error',
    location: { file: '/bundle/a/b.rego', row: 7, col: 20 },
  };
  const found = (errors: readonly unknown[]) =>
    compileProblems({ stdout: JSON.stringify({ errors }), stderr: '', exitCode: 2 }, set);

  test('what does not compile has a place', () => {
    expect(found([error])?.map(formatPolicyProblem)).toEqual([
      'a/b.rego:7:20 rego_compile_error: assigned var x unused',
    ]);
  });

  test('what was evaluated compiles, however it ended', () => {
    expect(found([{ ...error, code: 'eval_conflict_error' }])).toEqual([]);
    expect(compileProblems({ stdout: '{"result": []}', stderr: '', exitCode: 0 }, set)).toEqual([]);
  });

  test.each([
    ['cannot be loaded', [{ message: 'loading error: bundle /bundle: a/b.rego:2: rego_parse_error' }]],
    ['is ours', [{ ...error, location: { file: '/bundle/system/probes_test.rego', row: 1, col: 1 } }]],
    ['has no place', [{ message: 'x', code: 'rego_type_error' }]],
  ])('what %s is left to opa check', (_what, errors) => {
    expect(found(errors)).toBeUndefined();
  });

  test('so is a silence', () => {
    expect(compileProblems({ stdout: '', stderr: '', exitCode: 137 }, set)).toBeUndefined();
  });
});

describe('opa test', () => {
  const location = { file: '/bundle/a/a_test.rego', row: 3, col: 1 };
  const passed = { location, package: 'data.a_test', name: 'test_ok', duration: 1 };
  const skipped = { ...passed, name: 'todo_test_z', skip: true };

  test('passed, or no tests at all', () => {
    expect(parseTestOutput({ stdout: JSON.stringify([passed]), stderr: '', exitCode: 0 })).toEqual([]);
    expect(parseTestOutput({ stdout: '[]', stderr: '', exitCode: 0 })).toEqual([]);
  });

  test('failed tests by name and place', () => {
    const wrong = { ...passed, name: 'test_bad', fail: true };
    const broken = {
      ...passed,
      name: 'test_err',
      error: { code: 'eval_conflict_error', message: 'two values' },
    };
    const stdout = JSON.stringify([passed, skipped, wrong, broken]);
    expect(parseTestOutput(failed('', stdout, 2)).map(formatPolicyProblem)).toEqual([
      'a/a_test.rego:3:1 test_failed: a_test.test_bad',
      'a/a_test.rego:3:1 test_failed: a_test.test_err: two values',
    ]);
  });

  test('a failed test that printed says the last line of it', () => {
    const output = Buffer.from('x is 1\nthresholds.y is "2", and has to be a number\n').toString('base64');
    const stdout = JSON.stringify([{ ...passed, name: 'test_bad', fail: true, output }]);
    expect(parseTestOutput(failed('', stdout, 2)).map(formatPolicyProblem)).toEqual([
      'a/a_test.rego:3:1 test_failed: a_test.test_bad: thresholds.y is "2", and has to be a number',
    ]);
  });

  test('failed tests stand in the order of the files, in whatever order they ended', () => {
    const at = (file: string, row: number, col: number) => ({
      ...passed,
      location: { file: `/bundle/${file}`, row, col },
      fail: true,
    });
    const ended = [
      at('b/b_test.rego', 1, 1),
      at('a/a_test.rego', 10, 1),
      at('a/a_test.rego', 9, 7),
      at('a/a_test.rego', 9, 1),
    ];
    expect(parseTestOutput(failed('', JSON.stringify(ended), 2))).toMatchObject([
      { file: 'a/a_test.rego', row: 9, column: 1 },
      { file: 'a/a_test.rego', row: 9, column: 7 },
      { file: 'a/a_test.rego', row: 10 },
      { file: 'b/b_test.rego' },
    ]);
  });

  test('a test that ran out of time says that the machine may be to blame', () => {
    const error = { code: 'eval_cancel_error', message: 'context deadline exceeded' };
    const location = { file: '/bundle/a/a_test.rego', row: 3, col: 1 };
    const slow = { location, package: 'data.a_test', name: 'test_slow', error };
    expect(parseTestOutput(failed('', JSON.stringify([slow]), 2)).map(formatPolicyProblem)).toEqual([
      'a/a_test.rego:3:1 test_timeout: a_test.test_slow: context deadline exceeded (it did not end within 10s: it is too much work, or this machine is very busy)',
    ]);
  });

  test('a set that does not load', () => {
    const stderr =
      'unable to load bundle /bundle: bundle /bundle: 1 error occurred: /bundle/f/x_test.rego:3: rego_parse_error: `if` keyword is required before rule body\n';
    expect(parseTestOutput(failed(stderr)).map(formatPolicyProblem)).toEqual([
      'f/x_test.rego:3 rego_parse_error: `if` keyword is required before rule body (Rego from before OPA 1.0; convert it with: opa fmt --write --v0-v1 f/x_test.rego)',
    ]);
  });
});

test('a built-in that was taken away is told as what it is', () => {
  const location = { file: '/bundle/x/x.rego', row: 9, col: 10 };
  const errors = [{ message: 'undefined function http.send', code: 'rego_type_error', location }];
  expect(parseCheckOutput(failed(JSON.stringify({ errors }))).map(formatPolicyProblem)).toEqual([
    'x/x.rego:9:10 builtin_forbidden: http.send may not be used in policies: it asks other servers (policies decide on the facts in `input` and the thresholds in `data`)',
  ]);
});

test('our own tests beside a set are none of its own', () => {
  const results = [{ package: 'data.system.probes_test', name: 'test_0', fail: true }];
  expect(parseTestOutput(failed('', JSON.stringify(results), 2))).toEqual([]);
});

test('capabilities lose what reaches outside or answers by chance, and the network of schemas', () => {
  const names = [
    'http.send',
    'net.lookup_ip_addr',
    'net.cidr_contains',
    'net.later',
    'opa.runtime',
    'rand.intn',
    'time.now_ns',
    'plus',
  ];
  const output = JSON.stringify({ builtins: names.map((name) => ({ name })), features: ['rego_v1'] });
  expect(JSON.parse(allowedOnly(output).toString())).toEqual({
    builtins: [{ name: 'net.cidr_contains' }, { name: 'time.now_ns' }, { name: 'plus' }],
    features: ['rego_v1'],
    allow_net: [],
  });
  expect(() => allowedOnly('Error: unknown command')).toThrow('use 0.44 or newer');
});
