/** The shipped policies in a real OPA, guarded as in a stack: who may ask, what is answered, and what silence does. */
import { fileURLToPath } from 'node:url';
import type { StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newToken, tokenDigest } from '../../src/reconcilers/policy/authz-policy.js';
import { askAll, mayProceed } from '../../src/reconcilers/policy/gate.js';
import { OpaClient, type OpaClientOptions } from '../../src/reconcilers/policy/opa-client.js';
import { policyBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import { QUESTIONS, type Question } from '../../src/reconcilers/plan/steps.js';
import { policyInput, type GateFacts } from '../../src/reconcilers/policy/policy-input.js';
import { policySetOf, readPolicySet, type PolicySet } from '../../src/reconcilers/policy/policy-set.js';
import { serviceFact } from '../../src/reconcilers/policy/service-facts.js';
import { logOf, pause, startOpa, unpause, urlOf } from '../policies/opa-container.js';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));
const TOKEN = newToken();
const FORWARD: readonly Question[] = ['deploy', 'replace', 'start_canary', 'promote'];
const DOMAINS = [{ name: 'infrastructure', questions: QUESTIONS }];

let set: PolicySet;
let opa: StartedTestContainer;
let client: OpaClient;

beforeAll(async () => {
  set = await readPolicySet(SHIPPED);
  opa = await startOpa(policyBundle(set, tokenDigest(TOKEN)));
  client = clientOf();
});

afterAll(async () => {
  client.close();
  await opa.stop();
});

function clientOf(options: Partial<OpaClientOptions> = {}): OpaClient {
  return new OpaClient({ url: urlOf(opa), token: TOKEN, expectedRevision: set.revision, ...options });
}

const HEALTHY = { disk_free_gb: 42.5, cpu_load_1m: 1.5, cpu_count: 4, mem_free_percent: 55 };

function facts(question: Question, host: GateFacts['host'] = HEALTHY): GateFacts {
  const step = { kind: 'createContainer', target: 'app-stable-1', cause: 'first deploy' };
  return { question, step, stack: 'demo', host, limits: {} };
}

function say(path: string, init: RequestInit, token = TOKEN): Promise<Response> {
  return fetch(`${urlOf(opa)}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
    redirect: 'manual',
  });
}

describe('the guard', () => {
  test('the right token is answered, with the revision in the provenance', async () => {
    const { answers } = await askAll(client, DOMAINS, facts('deploy'));
    expect(answers).toMatchObject([{ allow: true, revision: set.revision, question: 'deploy' }]);
    expect(answers[0]).not.toHaveProperty('code');
  });

  test('a wrong token is OPA_UNAUTHORIZED', async () => {
    const stranger = clientOf({ token: newToken() });
    expect(await stranger.ask('infrastructure', { question: 'deploy' })).toMatchObject({
      allow: false,
      code: 'OPA_UNAUTHORIZED',
    });
    stranger.close();
  });

  test('health is open', async () => {
    expect((await fetch(`${urlOf(opa)}/health`)).status).toBe(200);
  });

  test.each([
    ['put a policy', '/v1/policies/x', { method: 'PUT', body: 'package x' }],
    ['delete the guard', '/v1/policies/bundle/system/authz.rego', { method: 'DELETE' }],
    ['read the policies', '/v1/policies', { method: 'GET' }],
    ['read data', '/v1/data', { method: 'GET' }],
    ['read a decision', '/v1/data/swiftdeploy/infrastructure/decision', { method: 'GET' }],
    ['read all of data by POST', '/v1/data', { method: 'POST', body: '{}' }],
    ['read the guard', '/v1/data/system/authz', { method: 'POST', body: '{}' }],
    ['put data', '/v1/data/infrastructure', { method: 'PUT', body: '{"thresholds": {}}' }],
    ['put a decision', '/v1/data/swiftdeploy/infrastructure/decision', { method: 'PUT', body: 'true' }],
    ['patch data', '/v1/data', { method: 'PATCH', body: '[]' }],
    ['query', '/v1/query?q=data', { method: 'GET' }],
    ['compile', '/v1/compile', { method: 'POST', body: '{"query": "true"}' }],
    ['use the old API', '/v0/data/swiftdeploy/infrastructure/decision', { method: 'POST', body: '{}' }],
    ['see the configuration', '/v1/config', { method: 'GET' }],
    ['see metrics', '/metrics', { method: 'GET' }],
  ])('not even the token lets anybody %s', async (_name, path, init) => {
    expect((await say(path, init)).status).toBe(401);
  });

  test('no token at all', async () => {
    const path = `${urlOf(opa)}/v1/data/swiftdeploy/infrastructure/decision`;
    expect((await fetch(path, { method: 'POST', body: '{"input": {}}' })).status).toBe(401);
  });
});

describe('the shipped questions', () => {
  test.each([...FORWARD, 'heal', 'rollback', 'remove'] as const)(
    '%s is allowed on a healthy host',
    async (question) => {
      expect(await askAll(client, DOMAINS, facts(question))).toMatchObject({ allow: true });
    },
  );

  test.each(FORWARD)('%s is denied on a full disk, with value and limit', async (question) => {
    const decision = await askAll(client, DOMAINS, facts(question, { ...HEALTHY, disk_free_gb: 4.2 }));
    expect(decision).toMatchObject({ allow: false, silent: false });
    expect(decision.answers[0]?.reasons).toEqual([
      {
        code: 'min_disk_free_gb',
        message: 'disk_free_gb is 4.2, minimum required is 10.0',
        observed: 4.2,
        limit: 10,
      },
    ]);
  });

  test('heal is allowed on a busy host and denied on a nearly full disk', async () => {
    const busy = { ...HEALTHY, cpu_load_1m: 90, mem_free_percent: 1, disk_free_gb: 3 };
    expect(await askAll(client, DOMAINS, facts('heal', busy))).toMatchObject({ allow: true });
    expect(await askAll(client, DOMAINS, facts('heal', { ...busy, disk_free_gb: 0.4 }))).toMatchObject({
      allow: false,
    });
  });

  test.each(Object.keys(HEALTHY))('deploy without %s is denied', async (missing) => {
    const host = Object.fromEntries(Object.entries(HEALTHY).filter(([name]) => name !== missing));
    const decision = await askAll(client, DOMAINS, facts('deploy', host));
    expect(decision.answers[0]?.reasons).toMatchObject([{ code: 'fact_missing' }]);
  });

  test('limits of the manifest tighten', async () => {
    const strict = { ...facts('deploy'), limits: { infrastructure: { min_disk_free_gb: 100 } } };
    expect(await askAll(client, DOMAINS, strict)).toMatchObject({ allow: false, silent: false });
  });

  test('no facts, and an unknown question, are denied by the policy itself', async () => {
    const answer = await client.ask('infrastructure', { question: 'reboot' });
    expect(answer).toMatchObject({ allow: false, question: 'reboot' });
    expect(answer).not.toHaveProperty('code');
  });

  test('a domain that is not there is OPA_UNDEFINED', async () => {
    expect(await client.ask('nobody', { question: 'deploy' })).toMatchObject({
      allow: false,
      code: 'OPA_UNDEFINED',
    });
  });

  test('another revision than the one expected is OPA_STALE_POLICY', async () => {
    const other = clientOf({ expectedRevision: 'f'.repeat(64) });
    expect(await other.ask('infrastructure', policyInput('infrastructure', facts('rollback')))).toMatchObject(
      {
        allow: false,
        code: 'OPA_STALE_POLICY',
      },
    );
    other.close();
  });
});

test('an answer has a name, and says who gave it and how long that took; OPA itself keeps no log of it', async () => {
  const { answers } = await askAll(client, DOMAINS, facts('deploy'));
  const again = await askAll(client, DOMAINS, facts('deploy'));
  expect(answers).toMatchObject([
    {
      decisionId: expect.stringMatching(/^[0-9a-f]{8}-/) as string,
      opaVersion: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      evaluationMs: expect.any(Number) as number,
    },
  ]);
  expect(again.answers[0]?.decisionId).not.toBe(answers[0]?.decisionId);
  expect(await logOf(opa)).toBe('');
});

describe('a domain that was dropped in', () => {
  const METADATA = '# METADATA\n# custom:\n#   questions: [analyse, deploy]\n';
  const REGO = `${METADATA}package swiftdeploy.tags

decision := {
	"allow": true,
	"reasons": [],
	"warnings": [{"code": "mutable_tag", "message": sprintf("%s has a mutable tag", [input.service.image])} |
		input.service.image_ref.tag == "latest"
	],
	"verdict": "inconclusive",
	"domain": "tags",
	"question": input.question,
}
`;
  const dropped = policySetOf([{ path: 'tags/tags.rego', content: Buffer.from(REGO) }]);
  const service = { name: 'app', track: 'canary', version: '1', image: 'app' } as const;
  let tags: StartedTestContainer;
  let asked: OpaClient;

  beforeAll(async () => {
    tags = await startOpa(policyBundle(dropped, tokenDigest(TOKEN)));
    asked = clientOf({ url: urlOf(tags), expectedRevision: dropped.revision });
  });

  afterAll(async () => {
    asked.close();
    await tags.stop();
  });

  test('warns and blocks nothing', async () => {
    const about = { ...facts('deploy'), service: serviceFact(service) };
    const decision = await askAll(asked, dropped.domains, about);
    expect(decision).toMatchObject({
      allow: true,
      answers: [{ warnings: [{ code: 'mutable_tag', message: 'app has a mutable tag' }] }],
    });
  });

  test('has a word on a live canary', async () => {
    const decision = await askAll(asked, dropped.domains, facts('analyse'));
    expect(decision).toMatchObject({ allow: true, verdict: 'inconclusive' });
  });

  test('is asked nothing that it does not declare', async () => {
    const decision = await askAll(asked, dropped.domains, facts('remove'));
    expect(decision).toMatchObject({ allow: false, answers: [{ code: 'OPA_UNDEFINED' }] });
  });
});

test('a paused OPA is a denial within its deadline that blocks no way back, and it recovers', async () => {
  await pause(opa);
  try {
    const decision = await askAll(client, DOMAINS, facts('rollback'));
    expect(decision).toMatchObject({ allow: false, silent: true, answers: [{ code: 'OPA_TIMEOUT' }] });
    expect(decision.answers[0]?.durationMs).toBeLessThan(2500);
    expect(mayProceed(decision, 'forward')).toBe(false);
    expect(mayProceed(decision, 'back')).toBe(true);
  } finally {
    await unpause(opa);
  }
  expect(await askAll(client, DOMAINS, facts('deploy'))).toMatchObject({ allow: true });
});

test('a restarted OPA at the same address is no denial', async () => {
  expect(await askAll(client, DOMAINS, facts('deploy'))).toMatchObject({ allow: true });
  await opa.restart({ timeout: 1000 });
  const again = clientOf();
  expect(await askAll(again, DOMAINS, facts('deploy'))).toMatchObject({ allow: true });
  again.close();
});
