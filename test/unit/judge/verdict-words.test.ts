import { describe, expect, test } from 'vitest';
import { verdictWords } from '../../../src/reconcilers/judge/verdict-words.js';
import type { Answer } from '../../../src/reconcilers/policy/answer.js';
import { canaryFacts } from '../../support/judgement.js';

function words(change: Partial<Answer>): string {
  const answer = {
    domain: 'canary',
    question: 'analyse',
    allow: true,
    reasons: [],
    durationMs: 1,
    ...change,
  };
  return verdictWords('hold', { allow: answer.allow, answers: [answer], silent: false }, canaryFacts());
}

describe('a verdict in words', () => {
  test('is what the figures say', () => {
    expect(words({})).toBe('the canary is held where it is: 0 requests, 0 errors, 0 slow');
  });

  test('says what the policies warn of, as that its deadline is over', () => {
    const warnings = [{ code: 'on_deadline', message: 'undecided at its deadline of 20 s, and held' }];
    expect(words({ warnings })).toBe(
      'the canary is held where it is, undecided at its deadline of 20 s, and held: 0 requests, 0 errors, 0 slow',
    );
  });

  test('is what the policies give as their reasons', () => {
    const reasons = [{ code: 'error_rate', message: '20 % errors' }];
    expect(words({ allow: false, reasons })).toBe('20 % errors');
  });
});
