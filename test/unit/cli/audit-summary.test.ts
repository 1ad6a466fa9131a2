import { expect, test } from 'vitest';
import { AuditFacts } from '../../../src/cli/audit/audit-facts.js';

function promotions(...targets: readonly (string | undefined)[]): number {
  const facts = new AuditFacts();
  for (const target of targets) {
    const mode = target === undefined ? {} : { target_mode: target };
    facts.add({ timestamp: '2026-05-05T20:00:00Z', event: 'promote', service: 'app', ...mode });
  }
  return facts.facts().summary.promotions;
}

test('the promotions of a report are those that were completed: a canary that starts is none', () => {
  expect(promotions('canary', 'canary', 'stable', 'canary')).toBe(1);
  expect(promotions('canary')).toBe(0);
});

test('a promotion of which nobody says the target is one', () => {
  expect(promotions(undefined)).toBe(1);
});
