import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ASKED, AnswerWatch, silenceProblem } from '../../../src/reconcilers/policy/answer-watch.js';
import { formatPolicyProblem } from '../../../src/reconcilers/policy/check-policies.js';
import { policySetOf } from '../../../src/reconcilers/policy/policy-set.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('who is asked and does not answer is known by name', () => {
  const watch = new AnswerWatch();
  watch.see(`${ASKED} admission deploy`);
  vi.advanceTimersByTime(1900);
  watch.see(`${ASKED} team2 deploy`);
  vi.advanceTimersByTime(1900);
  expect(watch.signal.aborted).toBe(false);
  vi.advanceTimersByTime(200);
  expect(watch.signal.aborted).toBe(true);
  expect(watch.silence).toEqual({ domain: 'team2', question: 'deploy', withinMs: 2000 });
});

test('a machine that is busy already while OPA starts gets as long for each answer', () => {
  const watch = new AnswerWatch();
  vi.advanceTimersByTime(12_000);
  watch.see(`${ASKED} team2 deploy`);
  vi.advanceTimersByTime(11_900);
  expect(watch.silence).toBeUndefined();
  vi.advanceTimersByTime(200);
  expect(watch.silence).toMatchObject({ withinMs: 12_000 });
});

test.each([
  ['all have answered', (watch: AnswerWatch) => watch.see(ASKED)],
  ['it has ended', (watch: AnswerWatch) => watch.end()],
])('nobody is waited for when %s', (_when, act) => {
  const watch = new AnswerWatch();
  watch.see(`${ASKED} team2 deploy`);
  act(watch);
  vi.advanceTimersByTime(60_000);
  expect(watch.signal.aborted).toBe(false);
});

test('what policies print is no answer', () => {
  const watch = new AnswerWatch();
  watch.see(`${ASKED} team2 {}`);
  vi.advanceTimersByTime(1900);
  watch.see('thresholds.max is not known');
  vi.advanceTimersByTime(200);
  expect(watch.silence?.domain).toBe('team2');
});

test('it is told with its place', () => {
  const content = Buffer.from('package swiftdeploy.team2\n\ndecision := {"allow": true}\n');
  const set = policySetOf([{ path: 'team2/team2.rego', content }]);
  const told = (question: string) =>
    formatPolicyProblem(silenceProblem(set, { domain: 'team2', question, withinMs: 2000 }));
  expect(told('deploy')).toMatch(
    /^team2\/team2\.rego:3:1 test_timeout: team2 does not answer "deploy" within 2 s \(.+\)$/,
  );
  expect(told('{}')).toContain('team2 does not answer an empty question ({}) within 2 s');
});
