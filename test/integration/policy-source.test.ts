/** The domain `source` in a real OPA, with the rules that people set: what time it is and whose commit it is decides, and nothing set is no rule. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StartedTestContainer } from 'testcontainers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectEngine } from '../../src/reconcilers/docker/connect.js';
import type { Question, Step } from '../../src/reconcilers/plan/steps.js';
import { newToken, tokenDigest } from '../../src/reconcilers/policy/authz-policy.js';
import { CapabilityShelf } from '../../src/reconcilers/policy/capabilities.js';
import { checkInContainer } from '../../src/reconcilers/policy/check-container.js';
import type { Decision } from '../../src/reconcilers/policy/gate.js';
import { instanceToken } from '../../src/reconcilers/policy/instance-token.js';
import { policyBundle } from '../../src/reconcilers/policy/policy-bundle.js';
import { policySetOf, readPolicySet, type PolicySet } from '../../src/reconcilers/policy/policy-set.js';
import type { ToldRevision } from '../../src/reconcilers/policy/source-fact.js';
import { StackGate } from '../../src/reconcilers/policy/stack-gate.js';
import { startOpa, urlOf } from '../policies/opa-container.js';
import { engineAt } from '../support/asked-engine.js';
import { service, stack } from '../support/model/stacks.js';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));
const PAGE = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
const IMAGE = 'openpolicyagent/opa:latest-static';
const KEY = newToken();
const ID = 'opa';
const STACK = stack([service()]);
const SIGNAL = new AbortController().signal;
/** In Berlin it is one hour later. */
const MOMENTS = {
  noon: '2026-11-20T11:00:00.000Z',
  evening: '2026-11-20T15:30:00.000Z',
  saturday: '2026-11-20T23:00:00.000Z',
} as const;
const COMMIT: ToldRevision = {
  commit: 'a'.repeat(40),
  ref: 'main',
  author: 'Ann <ann@example.com>',
  committedAt: MOMENTS.noon,
  subject: 'Version 2',
  changedPaths: ['manifest.yaml', 'policies/canary/data.json'],
};

/** As the page tells people to write it, and as it says that it answers. */
const [, friday = '', sentence] =
  /<!-- source: friday -->\n\n```json\n([^]*?)^```\n\n```text\n(.*)\n```/m.exec(PAGE) ?? [];

/** The shipped domain alone: how busy this machine is, is not what is asked. */
async function sourceWith(rules: object): Promise<PolicySet> {
  const { files } = await readPolicySet(SHIPPED);
  const own = files.filter(({ path }) => path.startsWith('source/'));
  return policySetOf(
    own.map((file) =>
      file.path === 'source/data.json'
        ? { ...file, content: Buffer.from(JSON.stringify({ ...parsed(file.content), ...rules })) }
        : file,
    ),
  );
}

function parsed(json: Buffer | string): object {
  return JSON.parse(json.toString()) as object;
}

function about(question: Question): Step {
  const part = { kind: 'network', name: 'shop-net' } as const;
  const gate = { question, direction: 'forward', part } as const;
  return { kind: 'createVolume', target: 'shop-net', cause: 'a test asks', gate };
}

/** A gate that asks such a policy, and what it is told. */
class Asked {
  now: string = MOMENTS.noon;
  commit: ToldRevision | undefined;
  readonly #gate = new StackGate(KEY, { dataRoot: '/' }, undefined, {
    clock: () => new Date(this.now),
    source: () => this.commit,
  });
  #opa: StartedTestContainer | undefined;

  async start(rules: object): Promise<void> {
    const set = await sourceWith(rules);
    this.#opa = await startOpa(policyBundle(set, tokenDigest(instanceToken(KEY, ID))));
    this.#gate.prepare(
      { ...STACK, policyEngine: { ...STACK.policyEngine, timeoutMs: 30_000 } },
      set,
      engineAt(Number(new URL(urlOf(this.#opa)).port), ID),
    );
  }

  ask(question: Question = 'deploy'): Promise<Decision> {
    return this.#gate.ask(STACK, about(question), SIGNAL);
  }

  async stop(): Promise<void> {
    this.#gate.close();
    await this.#opa?.stop();
  }
}

function reasonsOf({ answers }: Decision): readonly string[] {
  return answers.flatMap(({ reasons }) => reasons.map(({ message }) => message));
}

function stage(rules: object): Asked {
  const asked = new Asked();
  beforeAll(() => asked.start(rules));
  afterAll(() => asked.stop());
  afterEach(() => {
    asked.now = MOMENTS.noon;
    asked.commit = undefined;
  });
  return asked;
}

describe('as shipped', () => {
  const asked = stage({});

  test.each(['deploy', 'replace', 'start_canary', 'promote'] as const)(
    '%s passes at any time, from any commit and from none',
    async (question) => {
      for (const now of Object.values(MOMENTS)) {
        for (const commit of [undefined, COMMIT]) {
          Object.assign(asked, { now, commit });
          expect(await asked.ask(question)).toMatchObject({ allow: true, answers: [{ domain: 'source' }] });
        }
      }
    },
  );

  test.each(['heal', 'rollback', 'remove'] as const)('%s is not its business', async (question) => {
    const decision = await asked.ask(question);
    expect(decision.answers).toMatchObject([{ domain: 'policies', code: 'OPA_UNDEFINED' }]);
  });
});

describe('no deploys on Friday afternoon, as documented', () => {
  const asked = stage(parsed(friday || '{}'));

  test('Friday at four in Berlin it is denied, in the words of the page', async () => {
    asked.now = MOMENTS.evening;
    const decision = await asked.ask();
    expect(decision).toMatchObject({ allow: false, silent: false });
    expect(reasonsOf(decision)).toEqual([sentence]);
  });

  test('the same question passes once the window is over, with nothing edited', async () => {
    asked.now = MOMENTS.evening;
    expect(await asked.ask()).toMatchObject({ allow: false });
    asked.now = MOMENTS.saturday;
    expect(await asked.ask()).toMatchObject({ allow: true });
  });

  test('another time of the day passes', async () => {
    expect(await asked.ask()).toMatchObject({ allow: true });
  });

  test('without a clock it is denied', async () => {
    asked.now = 'nobody knows';
    expect(reasonsOf(await asked.ask())).toEqual([expect.stringContaining('the time is unknown')]);
  });
});

describe('policies need a signature, and only some may write', () => {
  const asked = stage({ paths_need_signer: ['policies/**'], authors: { allow: ['*@example.com'] } });

  test('an unsigned change of a policy is denied, and a signed one passes', async () => {
    asked.commit = COMMIT;
    expect(reasonsOf(await asked.ask())).toEqual([
      expect.stringMatching(/^policies\/canary\/data\.json changed, and nobody signed for it/),
    ]);
    asked.commit = { ...COMMIT, signer: 'ann@example.com' };
    expect(await asked.ask()).toMatchObject({ allow: true });
  });

  test('an unsigned change of the manifest passes', async () => {
    asked.commit = { ...COMMIT, changedPaths: ['manifest.yaml'] };
    expect(await asked.ask()).toMatchObject({ allow: true });
  });

  test('a commit of somebody else is denied', async () => {
    asked.commit = { ...COMMIT, author: 'Eve <eve@example.org>', signer: 'ann@example.com' };
    expect(reasonsOf(await asked.ask())).toEqual([expect.stringContaining('Eve <eve@example.org> wrote')]);
  });

  test('a manifest of no repository is denied by both rules', async () => {
    expect(reasonsOf(await asked.ask())).toHaveLength(2);
  });
});

test.each([
  ['as shipped', {}],
  ['with every rule set', { ...parsed(friday || '{}'), authors: { deny: ['*'] }, paths_need_signer: ['**'] }],
])('the check takes it, with its own tests: %s', async (_name, rules) => {
  const place = {
    engine: connectEngine(process.env),
    stack: `swd-source-${String(process.pid)}`,
    image: IMAGE,
    timeoutMs: 120_000,
  };
  const check = await checkInContainer(place, await sourceWith(rules), new CapabilityShelf());
  // By itself it leaves questions to nobody, which the check says; beside the other domains it need not.
  expect(check).toMatchObject({ problems: [], warnings: [{ code: 'nobody_to_ask' }] });
});
