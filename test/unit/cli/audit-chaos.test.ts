/** Chaos ends with the process that it is in, also where nobody looks at its metrics any more. */
import { expect, test } from 'vitest';
import { AuditFacts } from '../../../src/cli/audit/audit-facts.js';

const CHAOS = { event: 'chaos', service: 'app', mode: 'error' };

/** The ends of its chaos, in seconds after its beginning. */
function endsAfter(...events: readonly Readonly<Record<string, unknown>>[]): readonly (string | undefined)[] {
  const facts = new AuditFacts();
  for (const [index, event] of [CHAOS, ...events].entries())
    facts.add({ timestamp: `2026-05-05T20:00:0${String(index)}Z`, event: '', ...event });
  return facts.facts().chaos.items.map(({ to }) => to?.slice(18, 19));
}

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['its canary was promoted away', { event: 'promote', service: 'app', target_mode: 'stable' }],
  ['it was taken back', { event: 'rollback', service: 'app', target_mode: 'stable' }],
  ['another version serves', { event: 'deploy', service: 'app' }],
  ['it failed', { event: 'replica_failed', service: 'app' }],
  ['its container is gone', drift('removed', 'shop-app-canary-0123abcd-1')],
  ['its container has ended', drift('stopped', 'shop-app-stable-0123abcd-2')],
  ['the stack is removed', { event: 'source_pruned' }],
  ['the app says so', { event: 'chaos', service: 'app', mode: 'none' }],
])('ended: %s', (_why, event) => expect(endsAfter(event)).toEqual(['1']));

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['another service was promoted', { event: 'promote', service: 'web', target_mode: 'stable' }],
  ['a container of another is gone', drift('removed', 'shop-web-stable-0123abcd-1')],
  ['its container only has another name', drift('renamed', 'shop-app-canary-0123abcd-1')],
  ['the proxy is gone', drift('removed', 'shop-proxy')],
  ['a step of the canary', { event: 'canary_step', service: 'app' }],
])('goes on: %s', (_why, event) => expect(endsAfter(event)).toEqual([undefined]));

test('what is still in chaos is a chaos of its own at the next look', () => {
  const promoted = { event: 'promote', service: 'app', target_mode: 'stable' };
  const seen = { event: 'status_scrape', service: 'app', chaos: 'error' };
  expect(endsAfter(promoted, seen, { ...seen, chaos: 'none' })).toEqual(['1', '3']);
});

function drift(kind: string, target: string) {
  return { event: 'drift_detected', kind, target, cause: '' };
}
