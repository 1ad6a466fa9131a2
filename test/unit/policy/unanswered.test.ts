import { expect, test } from 'vitest';
import type { Question } from '../../../src/reconcilers/plan/steps.js';
import { unansweredQuestions } from '../../../src/reconcilers/policy/unanswered.js';

function said(...domains: readonly (readonly Question[])[]): readonly string[] {
  const named = domains.map((questions, index) => ({ name: `d${String(index)}`, questions }));
  return unansweredQuestions({ domains: named }).map(({ message }) => message);
}

const MOST = ['deploy', 'replace', 'start_canary', 'promote', 'rollback', 'analyse'] as const;

test('questions that no domain wants are named, all in one warning', () => {
  expect(said(MOST, ['deploy'])).toEqual(['no domain answers heal, remove: nobody to ask is a denial']);
});

test('what one of the domains wants is answered, and that nobody may overrule is no mistake', () => {
  expect(said(MOST, ['heal', 'remove'])).toEqual([]);
});
