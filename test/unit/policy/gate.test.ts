/** The gate adds answers up: all must allow, silence blocks forward and never back, a working policy is obeyed. */
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/reconcilers/policy/answer.js';
import { askAll, mayProceed } from '../../../src/reconcilers/policy/gate.js';
import type { QuestionInput } from '../../../src/reconcilers/policy/opa-client.js';
import type { GateFacts } from '../../../src/reconcilers/policy/policy-input.js';

const FACTS: GateFacts = {
  question: 'deploy',
  step: { kind: 'createContainer', target: 'app-stable-1', cause: 'first deploy' },
  stack: 'demo',
  host: { disk_free_gb: 50, cpu_load_1m: 0.5, cpu_count: 4 },
  limits: { infrastructure: { min_disk_free_gb: 20 } },
};

const allowed = { allow: true, reasons: [] };
const denied = { allow: false, reasons: [{ code: 'min_disk', message: 'full' }] };
const silent = { ...denied, code: 'OPA_TIMEOUT' } as const;

function opa(...outcomes: readonly (typeof allowed | typeof denied | typeof silent)[]) {
  const asked: { domain: string; input: QuestionInput }[] = [];
  const ask = (domain: string, input: QuestionInput): Promise<Answer> => {
    const outcome = outcomes[asked.length] ?? allowed;
    asked.push({ domain, input });
    return Promise.resolve({ domain, question: input.question, durationMs: 1, ...outcome });
  };
  return { ask, asked };
}

describe('what the answers add up to', () => {
  test.each([
    ['all allow', [allowed, allowed], { allow: true, silent: false }, true, true],
    ['one denies', [allowed, denied], { allow: false, silent: false }, false, false],
    ['one is silent', [allowed, silent], { allow: false, silent: true }, false, true],
    ['all are silent', [silent, silent], { allow: false, silent: true }, false, true],
    ['one denies, one is silent', [denied, silent], { allow: false, silent: false }, false, false],
  ])('%s', async (_name, outcomes, expected, forward, back) => {
    const decision = await askAll(opa(...outcomes), ['a', 'b'], FACTS);
    expect(decision).toMatchObject(expected);
    expect(decision.answers.map((answer) => answer.domain)).toEqual(['a', 'b']);
    expect(mayProceed(decision, 'forward')).toBe(forward);
    expect(mayProceed(decision, 'back')).toBe(back);
  });

  test('nobody to ask is a denial that says so, and does not block going back', async () => {
    const decision = await askAll(opa(), [], FACTS);
    expect(decision).toMatchObject({ allow: false, silent: true, answers: [{ code: 'OPA_UNDEFINED' }] });
    expect(decision.answers[0]?.reasons[0]?.message).toContain('the policy folder has no domain');
    expect(mayProceed(decision, 'forward')).toBe(false);
    expect(mayProceed(decision, 'back')).toBe(true);
  });
});

describe('what a domain is told', () => {
  test('its own limits only, and the names that older policies read', async () => {
    const client = opa();
    await askAll(client, ['infrastructure', 'admission', 'constructor'], FACTS);
    expect(client.asked.map(({ input }) => input.limits)).toEqual([{ min_disk_free_gb: 20 }, {}, {}]);
    expect(client.asked[0]?.input).toMatchObject({
      ...FACTS,
      limits: { min_disk_free_gb: 20 },
      disk_free_gb: 50,
      cpu_load_1m: 0.5,
      cpu_load: 0.5,
    });
  });

  test('nothing about a fact that is unknown', async () => {
    const client = opa();
    await askAll(client, ['infrastructure'], { ...FACTS, host: {} });
    const names = Object.keys(client.asked[0]?.input ?? {});
    expect(names.sort()).toEqual(['host', 'limits', 'question', 'stack', 'step']);
  });
});
