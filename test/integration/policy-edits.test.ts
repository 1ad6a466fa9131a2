/** Policies are edited while the controller's gate is asked: nobody goes without an answer, and nothing decides that did not pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../src/reconcilers/policy/answer.js';
import { instanceToken } from '../../src/reconcilers/policy/instance-token.js';
import { guard, LivePolicies } from '../support/live-policies.js';
import { until } from '../support/until.js';
import { containersOf, docker, labelOf, type Info } from '../support/engine.js';

const EDITS = 4;
/** Between two questions; nothing is waited for by it. */
const PAUSE_MS = 5;
const live = new LivePolicies();

beforeAll(async () => {
  await live.start('first');
  await until(
    'the stack is ready',
    async () => (await live.condition('Ready'))?.status === 'True' || undefined,
  );
});

afterAll(() => live.dispose());

/** Asks until it is told to stop. */
class Asker {
  readonly answers: Answer[] = [];
  private isStopped = false;
  private readonly asking = this.askAgain();

  async stop(): Promise<readonly Answer[]> {
    this.isStopped = true;
    await this.asking;
    return this.answers;
  }

  private async askAgain(): Promise<void> {
    while (!this.isStopped) {
      const { answers } = await live.ask();
      this.answers.push(...answers);
      await sleep(PAUSE_MS);
    }
  }
}

async function policyEngines(): Promise<readonly Info[]> {
  return (await containersOf(live.name)).filter((info) => labelOf(info, 'role') === 'policy');
}

async function toldOf(event: string, count: number): Promise<string> {
  return until(`${event} number ${String(count)}`, async () => {
    const told = (await live.events()).filter((one) => one.event === event);
    return told.length >= count ? String(told.at(-1)?.revision) : undefined;
  });
}

test('no question is lost or unanswered while the policies change, and a bad edit never decides', async () => {
  const asker = new Asker();
  const passed = [await toldOf('policy_changed', 1)];
  for (let edit = 1; edit <= EDITS; edit += 1) {
    if (edit % 2 === 0) {
      await live.save(guard(`bad ${String(edit)}`, 'not input.host.on_fire'));
      await toldOf('policy_rejected', edit / 2);
    }
    await live.save(guard(`edit ${String(edit)}`));
    const revision = await toldOf('policy_changed', edit + 1);
    passed.push(revision);
    await decides(revision);
  }
  await until('one policy engine is left', async () => (await policyEngines()).length === 1 || undefined);
  const answers = await asker.stop();
  expect(answers.filter(({ allow, code }) => !allow || code !== undefined)).toEqual([]);
  expect(new Set(answers.map(({ revision }) => revision))).toEqual(new Set(passed));
  expect(answers.length).toBeGreaterThan(100);
});

/** What each of two engines that run side by side answers, to its own token and to the other's; undefined where they do not. */
async function answersToTokens(): Promise<readonly (readonly [own: number, other: number])[] | undefined> {
  const [a, b] = (await policyEngines()).map((info) => ({ id: info.Id, port: hostPortOf(info) }));
  if (a === undefined || b === undefined) return undefined;
  const key = await live.policyKey();
  const asked = [[a, b] as const, [b, a] as const].map(async ([engine, other]) => [
    await statusAt(engine.port, instanceToken(key, engine.id)),
    await statusAt(engine.port, instanceToken(key, other.id)),
  ]);
  const answers = await Promise.all(asked);
  return answers.flat().every((status) => status > 0) ? (answers as [number, number][]) : undefined;
}

function hostPortOf({ NetworkSettings }: Info): number {
  return Number(NetworkSettings.Ports['8181/tcp']?.[0]?.HostPort ?? 0);
}

/** 0 when nobody answers. */
async function statusAt(port: number, token: string): Promise<number> {
  const post = { method: 'POST', body: '{"input": {}}', headers: { authorization: `Bearer ${token}` } };
  const url = `http://127.0.0.1:${String(port)}/v1/data/swiftdeploy/guard/decision`;
  return fetch(url, post).then(
    ({ status }) => status,
    () => 0,
  );
}

test('while one set takes over from the other, each engine listens to its own token alone', async () => {
  await live.save(guard('side by side'));
  const answers = await until('two engines answer', answersToTokens, { pollMs: 5 });
  expect(answers).toEqual([
    [200, 401],
    [200, 401],
  ]);
});

test('an engine that misses a look is asked all the same, and its late answer counts', async () => {
  await until('one policy engine is left', async () => (await policyEngines()).length === 1 || undefined);
  const [engine] = await policyEngines();
  await docker.getContainer(engine?.Id ?? '').kill({ signal: 'SIGSTOP' });
  await until('it was looked at', async () => {
    return (await live.condition('PolicyReady'))?.status === 'False' || undefined;
  });
  const answer = live.ask();
  await docker.getContainer(engine?.Id ?? '').kill({ signal: 'SIGCONT' });
  expect(await answer).toMatchObject({ allow: true, silent: false });
});

/** Longer than any healing takes. */
const ENDLESS_TEST = `
test_endless if {
    every x in numbers.range(1, 100000) {
        every y in numbers.range(1, 100000) { x * y > 0 }
    }
}
`;

/** One that is asked before a healing, too. */
function guardOfAll(mark: string): string {
  return guard(mark, 'input.question in {"deploy", "heal"}').replace('[deploy]', '[deploy, heal]');
}

async function decides(revision: string): Promise<void> {
  await until(
    'the new policies decide',
    async () => (await live.ask()).answers[0]?.revision === revision || undefined,
  );
}

async function replica(): Promise<Info | undefined> {
  return (await containersOf(live.name)).find(
    (info) => labelOf(info, 'role') === 'service' && info.State.Running,
  );
}

test('what breaks while policies are checked is healed by those that decide, and the check goes on', async () => {
  const checking = async () => (await live.condition('PolicyReady'))?.reason === 'Checking' || undefined;
  await live.save(guardOfAll('first'));
  await decides(await toldOf('policy_changed', EDITS + 3));
  const broken = await replica();
  await live.save(guardOfAll('endless') + ENDLESS_TEST);
  await until('the new policies are checked', checking);
  await docker.getContainer(broken?.Id ?? '').remove({ force: true });
  await until('another replica runs', async () => {
    const found = await replica();
    return (found !== undefined && found.Id !== broken?.Id) || undefined;
  });
  expect(await checking()).toBe(true);
  await live.save(guardOfAll('last'));
  await decides(await toldOf('policy_changed', EDITS + 4));
});
