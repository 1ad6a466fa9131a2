/** Which answers status.json has once other policies decide. */
import { expect, test } from 'vitest';
import type { Domain } from '../../../src/reconcilers/policy/policy-set.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

const NEXT = 'a'.repeat(64);

/** What infrastructure said, by question. */
function said({ status }: ModelReport): Readonly<Record<string, boolean>> {
  const policies = status.policies as readonly { readonly question: string; readonly allow: boolean }[];
  return Object.fromEntries(policies.map(({ question, allow }) => [question, allow]));
}

/** The questions whose answer is marked. */
function outdated({ status }: ModelReport): readonly string[] {
  const policies = status.policies as readonly { readonly question: string; readonly outdated?: true }[];
  return policies.flatMap((policy) => (policy.outdated === true ? [policy.question] : []));
}

/** Its stack is deployed, and a replacement is denied. */
async function denied(): Promise<ModelReport> {
  const told = new ModelReport(new ModelLoop(stack([service()])));
  await told.settle();
  told.loop.allow = ({ question }) => question !== 'replace';
  told.loop.stack = stack([version('2.0.0')]);
  await told.tick();
  expect(said(told)).toEqual({ deploy: true, replace: false });
  return told;
}

/** Another set takes over, whose domains are these; nobody is asked anything meanwhile. */
async function takesOver(told: ModelReport, domains: readonly Domain[]): Promise<void> {
  const policy = { active: { revision: NEXT, files: [], domains } };
  told.next = { policy };
  await told.tick({ results: [] });
  expect(said(told)).toEqual({ deploy: true, replace: false });
  await told.tick({ results: [], decides: NEXT });
}

test('of a domain that is gone nothing is left', async () => {
  const told = await denied();
  await takesOver(told, [{ name: 'other', questions: ['deploy', 'replace'] }]);
  expect(said(told)).toEqual({});
});

test('a refusal of the set before is gone; what was allowed stays while it is asked', async () => {
  const told = await denied();
  await takesOver(told, [{ name: 'infrastructure', questions: ['deploy', 'replace'] }]);
  expect(said(told)).toEqual({ deploy: true });
});

test('what the set before allowed is marked until the set that decides is asked', async () => {
  const told = await denied();
  expect(outdated(told)).toEqual([]);
  await takesOver(told, [{ name: 'infrastructure', questions: ['deploy', 'replace'] }]);
  expect(outdated(told)).toEqual(['deploy']);
  told.loop.allow = () => true;
  told.loop.policy = { ...told.loop.policy, revision: NEXT };
  const { services } = told.loop.stack;
  told.loop.stack = stack([...services, service({ name: 'shop', route: { path: '/shop' } })]);
  await told.settle();
  expect(said(told)).toMatchObject({ deploy: true, replace: true });
  expect(outdated(told)).toEqual([]);
});

test('a question that the domain is not asked any more has no answer', async () => {
  const told = await denied();
  await takesOver(told, [{ name: 'infrastructure', questions: ['replace'] }]);
  expect(said(told)).toEqual({});
});

test('a refusal of the set that decides stays', async () => {
  const told = await denied();
  await told.tick({ results: [] });
  expect(said(told)).toEqual({ deploy: true, replace: false });
});
