/** Claims: an edit of the policies decides, or is refused, within seconds; nobody who asks meanwhile goes without an answer; asking costs little more than OPA itself. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEvent } from '../src/controller/history/history-event.js';
import { goodInput } from '../src/reconcilers/policy/probe-facts.js';
import { guard, LivePolicies } from '../test/support/live-policies.js';
import { limitRow, median, milliseconds, type Benchmark, type Row } from './benchmark.js';
import { POLICY_EDITS, QUESTIONS } from './settings.js';
import { until } from './until.js';

const LONGEST_EDIT_MS = 3000;
/** Between two questions while policies are edited: more than any rollout asks. */
const PAUSE_MS = 50;
const MEDIAN_QUESTION_MS = 2;
const SLOWEST_QUESTION_MS = 10;

export const policyEdit: Benchmark = {
  name: 'policy-edit',
  how: `From the save of a policy file to the first answer by it, or to \`policy_rejected\` in the history, with all shipped policies and their tests in the set; ${String(POLICY_EDITS)} edits and as many bad ones, while the controller's gate is asked all the time. Then ${String(QUESTIONS)} questions of one domain to the gate, each beside the same question posted to the same OPA; interleaved.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  return [...(await edits()), ...(await questions())];
}

/** A controller whose gate can be asked. */
export async function livePolicies(options: { readonly shipped?: boolean }): Promise<LivePolicies> {
  const live = new LivePolicies();
  try {
    await live.start('first', options);
    await until(() => live.isReady());
  } catch (error) {
    await live.dispose();
    throw error;
  }
  return live;
}

async function edits(): Promise<readonly Row[]> {
  const live = await livePolicies({ shipped: true });
  try {
    const asker = new Asker(live);
    const active: number[] = [];
    const rejected: number[] = [];
    for (let edit = 1; edit <= POLICY_EDITS; edit += 1) {
      active.push(await activated(live, edit));
      rejected.push(await refused(live, edit));
    }
    const { asked, lost } = await asker.stop();
    return [
      editRow('active', active),
      editRow('rejected', rejected),
      {
        claim: `Questions without an answer by policies that passed, while they are edited ${String(2 * POLICY_EDITS)} times`,
        ours: `${String(lost)} of ${String(asked)}`,
        other: 'none',
        goal: `0 of ${String(QUESTIONS)} or more`,
        met: lost === 0 && asked >= QUESTIONS,
      },
    ];
  } finally {
    await live.dispose();
  }
}

function editRow(end: string, times: readonly number[]): Row {
  const note = ` (median; slowest ${milliseconds(Math.max(...times))})`;
  const limit = { highest: LONGEST_EDIT_MS, show: milliseconds, note };
  return limitRow(`Policy edit (saved to ${end})`, median(times), limit);
}

/** Settled again before the next edit. */
async function activated(live: LivePolicies, edit: number): Promise<number> {
  const startedAt = performance.now();
  await live.save(guard(`edit ${String(edit)}`));
  await until(async () => {
    const changes = await told(live, 'policy_changed');
    if (changes.length <= edit) return false;
    return (await live.ask()).answers.every(({ revision }) => revision === changes.at(-1)?.revision);
  });
  const took = performance.now() - startedAt;
  await until(() => live.isReady());
  return took;
}

async function refused(live: LivePolicies, edit: number): Promise<number> {
  const startedAt = performance.now();
  await live.save(guard(`bad ${String(edit)}`, 'not input.host.on_fire'));
  await until(async () => (await told(live, 'policy_rejected')).length >= edit);
  return performance.now() - startedAt;
}

async function told(live: LivePolicies, event: string): Promise<readonly HistoryEvent[]> {
  return (await live.events()).filter((one) => one.event === event);
}

/** Asks, one question after the other, and counts who goes without an answer. */
class Asker {
  private asked = 0;
  private silent = 0;
  private readonly revisions = new Map<string, number>();
  private isStopped = false;
  private readonly asking: Promise<void>;

  constructor(private readonly live: LivePolicies) {
    this.asking = this.askAgain();
  }

  /** `lost`: unanswered, or answered by what never passed. */
  async stop(): Promise<{ readonly asked: number; readonly lost: number }> {
    this.isStopped = true;
    await this.asking;
    const passed = new Set((await told(this.live, 'policy_changed')).map(({ revision }) => String(revision)));
    const others = [...this.revisions].filter(([revision]) => !passed.has(revision));
    return { asked: this.asked, lost: others.reduce((sum, [, count]) => sum + count, this.silent) };
  }

  private async askAgain(): Promise<void> {
    while (!this.isStopped) {
      const { answers, silent } = await this.live.ask();
      this.asked += 1;
      if (silent) this.silent += 1;
      for (const { revision = 'none' } of answers)
        this.revisions.set(revision, (this.revisions.get(revision) ?? 0) + 1);
      await sleep(PAUSE_MS);
    }
  }
}

async function questions(): Promise<readonly Row[]> {
  const live = await livePolicies({});
  const agent = new Agent({ keepAlive: true });
  try {
    const token = await live.token();
    const [gate, floor]: [number[], number[]] = [[], []];
    for (let question = 0; question < QUESTIONS; question += 1) {
      floor.push(await timed(() => post(live.opaPort, token, agent)));
      gate.push(await timed(() => live.ask()));
    }
    return [
      questionRow('median', { gate, floor }, 0.5, MEDIAN_QUESTION_MS),
      questionRow('99th percentile', { gate, floor }, 0.99, SLOWEST_QUESTION_MS),
    ];
  } finally {
    agent.destroy();
    await live.dispose();
  }
}

function questionRow(
  what: string,
  { gate, floor }: { readonly gate: readonly number[]; readonly floor: readonly number[] },
  share: number,
  highest: number,
): Row {
  const note = ` (OPA itself: ${milliseconds(quantile(floor, share))})`;
  return limitRow(`Gate question, ${what}`, quantile(gate, share), { highest, show: milliseconds, note });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

/** The same question, with nothing of ours around it. */
function post(port: number, token: string, agent: Agent): Promise<void> {
  const body = JSON.stringify({ input: goodInput('guard', 'deploy') });
  return new Promise((resolve, reject) => {
    const path = '/v1/data/swiftdeploy/guard/decision?provenance=true';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
