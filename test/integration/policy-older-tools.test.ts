/** Policies written for the tools that came before work when dropped in: `data.thresholds`, flat input names, reasons as texts. */
import type { StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newToken, tokenDigest } from '../../src/reconcilers/policy/authz-policy.js';
import { askAll } from '../../src/reconcilers/policy/gate.js';
import { OpaClient } from '../../src/reconcilers/policy/opa-client.js';
import { policyBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import { policySetOf } from '../../src/reconcilers/policy/policy-set.js';
import { startOpa, urlOf } from '../policies/opa-container.js';

const OLDER = `package swiftdeploy.infrastructure

import rego.v1

default allow := false

allow if count(violations) == 0

violations contains sprintf("disk_free_gb is %v", [input.disk_free_gb]) if {
	input.disk_free_gb < data.thresholds.min_disk_free_gb
}

violations contains sprintf("cpu load is %v", [input.cpu_load]) if {
	input.cpu_load > data.thresholds.max_cpu_load
}

decision := {
	"allow": allow,
	"reasons": [reason | some reason in violations],
	"domain": "infrastructure",
	"checked": {"disk_free_gb": input.disk_free_gb},
}
`;

const SET = policySetOf([
  {
    path: 'data.json',
    content: Buffer.from('{"thresholds": {"min_disk_free_gb": 10, "max_cpu_load": 2.0}}'),
  },
  { path: 'infrastructure.rego', content: Buffer.from(OLDER) },
]);

let opa: StartedTestContainer;
let client: OpaClient;

beforeAll(async () => {
  const token = newToken();
  opa = await startOpa(policyBundle(SET, tokenDigest(token)));
  client = new OpaClient({ url: urlOf(opa), token, expectedRevision: SET.revision });
});

afterAll(async () => {
  client.close();
  await opa.stop();
});

test.each([
  [{ disk_free_gb: 50, cpu_load_1m: 1 }, true, []],
  [{ disk_free_gb: 4.2, cpu_load_1m: 1 }, false, ['disk_free_gb is 4.2']],
  [{ disk_free_gb: 50, cpu_load_1m: 2.5 }, false, ['cpu load is 2.5']],
])('%j', async (host, allow, messages) => {
  const step = { kind: 'createContainer', target: 'app-stable-1', cause: 'first deploy' };
  const decision = await askAll(client, SET.domains, {
    question: 'deploy',
    step,
    stack: 'demo',
    host,
    limits: {},
  });
  expect(decision.allow).toBe(allow);
  expect(decision.answers[0]?.reasons.map((reason) => reason.message)).toEqual(messages);
});
