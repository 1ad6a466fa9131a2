/** The gate adds answers up: all must allow, silence blocks forward and never back, a working policy is obeyed. */
import { describe, expect, test } from 'vitest';
import { QUESTIONS, type Question } from '../../../src/reconcilers/plan/steps.js';
import type { Answer, Verdict } from '../../../src/reconcilers/policy/answer.js';
import { askAll, mayProceed } from '../../../src/reconcilers/policy/gate.js';
import type { QuestionInput } from '../../../src/reconcilers/policy/opa-client.js';
import type { GateFacts } from '../../../src/reconcilers/policy/policy-input.js';
import type { Domain } from '../../../src/reconcilers/policy/policy-set.js';

const FACTS: GateFacts = {
  question: 'deploy',
  step: { kind: 'createContainer', target: 'app-stable-1', cause: 'first deploy' },
  stack: 'demo',
  host: { disk_free_gb: 50, cpu_load_1m: 0.5, cpu_count: 4 },
  limits: {},
};
const LIMITED = { ...FACTS, limits: { infrastructure: { min_disk_free_gb: 20 } } };

function domains(...names: readonly string[]): Domain[] {
  return names.map((name) => ({ name, questions: QUESTIONS }));
}

const allowed = { allow: true, reasons: [] };
const denied = { allow: false, reasons: [{ code: 'min_disk', message: 'full' }] };
const silent = { ...denied, code: 'OPA_TIMEOUT' } as const;

function opa(...outcomes: readonly Partial<Answer>[]) {
  const asked: { domain: string; input: QuestionInput }[] = [];
  const ask = (domain: string, input: QuestionInput): Promise<Answer> => {
    const outcome = { ...allowed, ...outcomes[asked.length] };
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
    const decision = await askAll(opa(...outcomes), domains('a', 'b'), FACTS);
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

describe('who is asked', () => {
  const some: readonly Domain[] = [
    { name: 'a', questions: ['deploy', 'replace'] },
    { name: 'b', questions: ['replace'] },
    { name: 'c', questions: ['deploy', 'override'] },
  ];

  test('the domains that declare the question, in their order', async () => {
    const client = opa();
    const { answers } = await askAll(client, some, FACTS);
    expect(client.asked.map(({ domain }) => domain)).toEqual(['a', 'c']);
    expect(answers.map(({ domain }) => domain)).toEqual(['a', 'c']);
  });

  test.each(['heal', 'analyse'] as const)(
    'nobody where none declares %s: denied, and said so',
    async (question) => {
      const client = opa();
      const decision = await askAll(client, some, { ...FACTS, question });
      expect(client.asked).toEqual([]);
      expect(decision).toMatchObject({ allow: false, silent: true });
      expect(decision.answers[0]?.reasons[0]?.message).toBe(
        `no policy answers this question: no domain declares the question ${question} in its METADATA`,
      );
    },
  );

  test('without a domain for it an override is refused', async () => {
    const client = opa();
    const decision = await askAll(client, some.slice(0, 2), { ...FACTS, question: 'override' });
    expect(client.asked).toEqual([]);
    expect(decision).toMatchObject({ allow: false, silent: true });
    expect(decision.answers[0]?.reasons[0]?.message).toBe(
      'no policy answers this question: no domain declares the question override in its METADATA, so nothing can be overruled',
    );
  });
});

describe('a threshold of a domain that there is none of', () => {
  test.each([
    ['a misspelt one', { infrastucture: { max_cpu_load_per_core: 1 } }, 'did you mean infrastructure?'],
    ['one of nobody', { cost: { max: 1 } }, 'the domains are infrastructure, canary'],
  ])('%s: nothing goes forward, and back it does', async (_what, limits, hint) => {
    const decision = await askAll(opa(), domains('infrastructure', 'canary'), { ...FACTS, limits });
    const [domain] = Object.keys(limits);
    expect(decision.answers.at(-1)).toMatchObject({ domain, code: 'OPA_UNDEFINED' });
    expect(decision.answers.at(-1)?.reasons[0]?.message).toBe(
      `no policy answers this question: the manifest has thresholds under policy.${domain ?? ''}, which is no domain of the policies: ${hint}`,
    );
    expect(mayProceed(decision, 'forward')).toBe(false);
    expect(mayProceed(decision, 'back')).toBe(true);
  });

  test('one that is not asked this question is there all the same', async () => {
    const some: readonly Domain[] = [...domains('a'), { name: 'infrastructure', questions: ['heal'] }];
    expect(await askAll(opa(), some, LIMITED)).toMatchObject({ allow: true });
  });
});

describe('the verdict on a canary', () => {
  const of = (verdict: Verdict) => ({ allow: verdict !== 'rollback', verdict });
  const refusal = { allow: false, reasons: [{ code: 'x', message: 'no' }] };

  test.each<[string, readonly Partial<Answer>[], Verdict]>([
    ['all advance', [of('advance'), of('advance')], 'advance'],
    ['a yes without a verdict, of a policy of older tools', [of('advance'), allowed], 'advance'],
    ['nothing but a yes of an older policy', [allowed, allowed], 'advance'],
    ['a no without a verdict', [of('advance'), refusal], 'hold'],
    ['one holds', [of('advance'), of('hold')], 'hold'],
    ['one knows too little', [of('advance'), of('inconclusive')], 'inconclusive'],
    ['one knows too little, one holds', [of('inconclusive'), of('hold')], 'hold'],
    ['one knows too little, and another says no', [of('inconclusive'), refusal], 'hold'],
    ['one sees harm', [of('advance'), of('rollback')], 'rollback'],
    ['one sees harm, one holds', [of('hold'), of('rollback')], 'rollback'],
    ['one sees harm, one is silent', [of('rollback'), silent], 'rollback'],
    ['one is silent', [of('advance'), silent], 'hold'],
    ['a denial that says advance', [of('advance'), { ...refusal, verdict: 'advance' }], 'hold'],
  ])('%s', async (_name, outcomes, verdict) => {
    const analysis = { ...FACTS, question: 'analyse' } as const;
    expect(await askAll(opa(...outcomes), domains('a', 'b'), analysis)).toMatchObject({ verdict });
  });

  test('holds where nobody judges', async () => {
    expect(await askAll(opa(), [], { ...FACTS, question: 'analyse' })).toMatchObject({ verdict: 'hold' });
  });

  test.each<Question>(['promote', 'deploy'])('is no part of the decision on %s', async (question) => {
    const decision = await askAll(opa(of('advance')), domains('a'), { ...FACTS, question });
    expect(decision).not.toHaveProperty('verdict');
  });
});

describe('what a domain is told', () => {
  test('its own limits only, and the names that older policies read', async () => {
    const client = opa();
    await askAll(client, domains('infrastructure', 'admission', 'constructor'), LIMITED);
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
    await askAll(client, domains('infrastructure'), { ...FACTS, host: {} });
    const names = Object.keys(client.asked[0]?.input ?? {});
    expect(names.sort()).toEqual(['host', 'limits', 'question', 'stack', 'step']);
  });
});
