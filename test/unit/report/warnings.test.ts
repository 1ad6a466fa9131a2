/** Warnings of policies as people get to know of them: once, as long as they are true, and never in the way. */
import { expect, test } from 'vitest';
import type { Reason } from '../../../src/reconcilers/policy/answer.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

const MUTABLE: Reason = { code: 'mutable_tag', message: 'app:1 has a mutable tag', observed: '1' };
const OPEN: Reason = { code: 'open_port', message: 'port 8080 is open to everybody' };

/** Warns of the service when it is deployed or replaced, and of the proxy when it is made. */
function warned(): ModelReport {
  const loop = new ModelLoop(stack([service()]));
  loop.warn = ({ question, service: of, part }) => {
    if (part?.kind === 'container') return [OPEN];
    return of !== undefined && ['deploy', 'replace', 'start_canary'].includes(question) ? [MUTABLE] : [];
  };
  return new ModelReport(loop);
}

function told({ events }: ModelReport): string[] {
  return events
    .filter(({ event }) => event === 'policy_warning')
    .map(
      ({ question, target, warnings }) => `${String(question)} ${String(target)} ${JSON.stringify(warnings)}`,
    );
}

test('what is warned of goes on, is told once, and stays in sight while it is wanted', async () => {
  const report = warned();
  await report.settle();
  expect(told(report)).toMatchInlineSnapshot(`
    [
      "deploy app:1 [{"code":"mutable_tag","message":"app:1 has a mutable tag","observed":"1"}]",
      "deploy shop-proxy [{"code":"open_port","message":"port 8080 is open to everybody"}]",
    ]
  `);
  expect(report.conditions('Ready', 'Stalled', 'PolicyAllowed')).toMatchInlineSnapshot(`
    "Ready=True Settled: 1 service as the manifest says
    Stalled=False NotStalled: no person is needed
    PolicyAllowed=True AllowedWithWarnings: app: infrastructure: app:1 has a mutable tag
    shop-proxy: infrastructure: port 8080 is open to everybody"
  `);
  expect(report.status.policies).toContainEqual(
    expect.objectContaining({ question: 'deploy', allow: true, warnings: [MUTABLE] }),
  );
  const { length } = report.events;
  await report.run(5000);
  expect(report.events).toHaveLength(length);
});

test('the event says who warned, by which decision', async () => {
  const report = warned();
  await report.settle();
  expect(report.events.find(({ event, service: of }) => event === 'policy_warning' && of === 'app'))
    .toMatchInlineSnapshot(`
    {
      "decision": {
        "answers": [
          {
            "allow": true,
            "decision_id": "27c0005a",
            "domain": "infrastructure",
            "evaluation_ms": 0.04,
            "question": "deploy",
          },
        ],
        "revision": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      },
      "domains": [
        "infrastructure",
      ],
      "event": "policy_warning",
      "question": "deploy",
      "service": "app",
      "step": "pullImage",
      "target": "app:1",
      "warnings": [
        {
          "code": "mutable_tag",
          "message": "app:1 has a mutable tag",
          "observed": "1",
        },
      ],
    }
  `);
});

test('it is told again when other rules speak, and not when a value moves', async () => {
  const report = warned();
  await report.settle();
  report.events.length = 0;
  const app = () => report.loop.world.containers.find(({ role }) => role === 'service');
  const heal = async (...warnings: Reason[]) => {
    report.loop.warn = ({ question }) => (question === 'heal' ? warnings : []);
    report.loop.world.remove(app()?.id ?? '');
    await report.settle();
  };
  await heal({ ...MUTABLE, message: 'app:1 still has a mutable tag' });
  expect(told(report)).toEqual([]);
  expect(report.conditions('PolicyAllowed')).toContain('still has a mutable tag');
  await heal(MUTABLE, OPEN);
  expect(told(report)).toHaveLength(1);
  await heal();
  expect(report.conditions('PolicyAllowed')).not.toContain('app: ');
});

test('it goes with the version that it is about', async () => {
  const report = warned();
  await report.settle();
  report.loop.warn = () => [];
  report.loop.stack = stack([version('2.0.0')]);
  await report.settle();
  expect(report.conditions('PolicyAllowed')).toBe(
    'PolicyAllowed=True AllowedWithWarnings: shop-proxy: infrastructure: port 8080 is open to everybody',
  );
});

test('it goes with the policies that said it', async () => {
  const report = warned();
  await report.settle();
  report.next = { policy: { active: { revision: 'e'.repeat(64), files: [], domains: [] }, warnings: [] } };
  await report.tick();
  expect(report.conditions('PolicyAllowed')).toBe('PolicyAllowed=True NothingDenied: no step is denied');
});

test('a policy that cannot be asked takes nothing back', async () => {
  const report = warned();
  await report.settle();
  report.loop.silent = true;
  report.loop.world.remove(report.loop.world.containers.find(({ role }) => role === 'service')?.id ?? '');
  await report.tick();
  expect(Object.values(report.state.warnings ?? {}).map(({ name }) => name)).toEqual(['app', 'shop-proxy']);
});

test('a deployment, a promotion and a way back say by whose decision', async () => {
  const report = new ModelReport(new ModelLoop(stack([service()])));
  await report.settle();
  for (const next of [
    version('2.0.0', { mode: 'canary' }),
    version('2.0.0'),
    version('3.0.0', { mode: 'canary' }),
    version('2.0.0'),
  ]) {
    report.loop.stack = stack([next]);
    await report.settle();
  }
  expect(
    report.events
      .filter(({ event }) => ['deploy', 'promote', 'rollback'].includes(event))
      .map(({ event, version: text, decision }) => `${event} ${String(text)} ${JSON.stringify(decision)}`),
  ).toMatchInlineSnapshot(`
    [
      "deploy 1.0.0 {"revision":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","answers":[{"domain":"infrastructure","question":"deploy","allow":true,"decision_id":"27c0005a","evaluation_ms":0.04}]}",
      "promote 2.0.0 {"revision":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","answers":[{"domain":"infrastructure","question":"start_canary","allow":true,"decision_id":"27c0005a","evaluation_ms":0.04}]}",
      "promote 2.0.0 {"revision":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","answers":[{"domain":"infrastructure","question":"promote","allow":true,"decision_id":"27c0005a","evaluation_ms":0.04}]}",
      "promote 3.0.0 {"revision":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","answers":[{"domain":"infrastructure","question":"start_canary","allow":true,"decision_id":"27c0005a","evaluation_ms":0.04}]}",
      "rollback 2.0.0 {"revision":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","answers":[{"domain":"infrastructure","question":"rollback","allow":true,"decision_id":"27c0005a","evaluation_ms":0.04}]}",
    ]
  `);
});
