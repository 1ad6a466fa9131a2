/**
 * The model's ticks as the real reporter tells them: status and history in memory, each status and event checked against its
 * schema, the conditions against their invariants, at every tick of every test.
 */
import { BlockerBook } from '../../../src/reconcilers/blocker-book.js';
import { LABEL } from '../../../src/reconcilers/plan/container-template.js';
import type { Condition } from '../../../src/controller/conditions.js';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import { createMetrics } from '../../../src/controller/metrics.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { QUESTIONS } from '../../../src/reconcilers/plan/steps.js';
import { failureEvent } from '../../../src/reconcilers/report/failure-event.js';
import { StackReporter } from '../../../src/reconcilers/report/stack-reporter.js';
import type { TickResult } from '../../../src/reconcilers/report/tick-result.js';
import type { StackParts } from '../../../src/reconcilers/stack-parts.js';
import type { StackState } from '../../../src/reconcilers/stack-state.js';
import { validatorOf } from '../published-schemas.js';
import type { ModelLoop, Tick } from './model-loop.js';

export interface ToldStatus {
  readonly conditions: readonly Condition[];
  readonly services: readonly object[];
  readonly policies: readonly object[];
  readonly [field: string]: unknown;
}

export class ModelReport {
  /** In their order, as the history has them. */
  readonly events: HistoryEventInput[] = [];
  readonly statuses: ToldStatus[] = [];
  readonly metrics = createMetrics({
    stepKinds: [],
    driftKinds: [],
    policies: [],
    services: [],
  });
  /** What the next ticks say of the manifest and the policies. */
  next: Partial<TickResult> = {};
  state: StackState = { generation: 0, stackGeneration: 0, memory: EMPTY_MEMORY, drifts: [], denials: {} };
  private readonly reporter: StackReporter;
  private readonly blockers = new BlockerBook();

  constructor(readonly loop: ModelLoop) {
    const parts: Pick<
      StackParts,
      'history' | 'store' | 'status' | 'listener' | 'metrics' | 'controller' | 'stackName'
    > = {
      history: { append: (event: HistoryEventInput) => Promise.resolve(this.tell(event)) },
      store: { save: () => Promise.resolve() },
      stackName: loop.stack.name,
      status: { write: (status: object) => Promise.resolve(this.show(status)) },
      listener: { onStep: () => undefined, onEvent: () => undefined, onProgress: () => undefined },
      metrics: this.metrics,
      controller: { pid: 1, version: '0.1.0', startedAt: new Date(loop.world.now).toISOString() },
    } as unknown as StackParts;
    this.reporter = new StackReporter(parts as StackParts, []);
  }

  get status(): ToldStatus {
    const last = this.statuses.at(-1);
    if (last === undefined) throw new Error('nothing was told yet');
    return last;
  }

  /** One line a condition: `Ready=True Settled: 1 service as the manifest says`. */
  conditions(...types: readonly string[]): string {
    return this.status.conditions
      .filter(({ type }) => types.length === 0 || types.includes(type))
      .map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`)
      .join('\n');
  }

  /** One tick of the loop, told; `over` is what the world looked like to the reporter beside that. */
  async tick(over: Partial<TickResult> = {}): Promise<Tick> {
    const tick = this.loop.tick();
    await this.told(tick, over);
    return tick;
  }

  async settle(withinMs = 60_000): Promise<void> {
    const deadline = this.loop.world.now + withinMs;
    while (this.loop.world.now < deadline) if ((await this.tick()).plan.converged) return;
    throw new Error(`not settled; ${this.conditions()}`);
  }

  /** Ticks for so long. */
  async run(ms: number): Promise<void> {
    const end = this.loop.world.now + ms;
    while (this.loop.world.now < end) await this.tick();
  }

  /** A tick that ended before anything was planned. */
  async early(over: Partial<TickResult>): Promise<void> {
    await this.write({ ...this.common(), now: this.loop.world.now, results: [], findings: [], ...over });
  }

  private async told({ now, world, plan, results }: Tick, over: Partial<TickResult>): Promise<void> {
    for (const { kind, step } of results)
      if (kind === 'done' && step.kind === 'recordFailure') this.tell(failureEvent(step.failure, ['boom']));
    this.blockers.note(results, { world, plan });
    const findings = [...plan.findings, ...this.blockers.findings()];
    const decider = this.loop.world.find(this.loop.decider ?? '');
    const revision = decider?.config.labels[LABEL.revision];
    const decides = revision === undefined ? {} : { decides: revision };
    const retried = this.loop.retries.restarts();
    await this.write({ ...this.common(), now, world, plan, retried, results, findings, ...decides, ...over });
  }

  private common(): Pick<TickResult, 'generation' | 'stackGeneration' | 'manifest' | 'stack' | 'policy'> {
    const domains = ['canary', 'infrastructure'].map((name) => ({ name, questions: QUESTIONS }));
    const set = { revision: this.loop.policy.revision, files: [], domains };
    const manifest = {
      path: '/srv/manifest.yaml',
      sha256: 'c'.repeat(64),
      valid: true,
      problems: [],
      warnings: [],
    };
    const common = {
      generation: 1,
      stackGeneration: 1,
      manifest,
      stack: this.loop.stack,
      policy: { active: set },
    };
    return { ...common, ...this.next };
  }

  private async write(tick: TickResult): Promise<void> {
    const { state, written } = this.reporter.report(tick, this.state);
    this.state = state;
    await written;
  }

  private tell(event: HistoryEventInput): number {
    const line = { seq: 1, timestamp: '2026-05-05T20:00:00.000Z', prev: `sha256:${'0'.repeat(64)}` };
    check('history', { ...event, ...line });
    return this.events.push(JSON.parse(JSON.stringify(event)) as HistoryEventInput);
  }

  private show(status: object): boolean {
    check('status', JSON.parse(JSON.stringify(status)));
    checkInvariants((status as ToldStatus).conditions);
    this.statuses.push(status as ToldStatus);
    return true;
  }
}

function check(name: string, value: unknown): void {
  const validate = validatorOf(name);
  if (!validate(value))
    throw new Error(`${name}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(value)}`);
}

/** After kstatus: ready, going on and stuck never contradict each other, and no message is empty. */
function checkInvariants(conditions: readonly Condition[]): void {
  const is = (type: string): string | undefined => conditions.find((one) => one.type === type)?.status;
  const rules: readonly (readonly [string, boolean])[] = [
    [
      'Ready, Reconciling and Stalled are never absent',
      ['Ready', 'Reconciling', 'Stalled'].every((type) => is(type) !== undefined),
    ],
    [
      'Ready=True is neither reconciling nor stalled',
      is('Ready') !== 'True' || (is('Reconciling') === 'False' && is('Stalled') === 'False'),
    ],
    [
      'Ready=False says what is wrong',
      is('Ready') !== 'False' || is('Reconciling') === 'True' || is('Stalled') === 'True',
    ],
    ['an invalid manifest is never ready', is('ManifestValid') !== 'False' || is('Ready') === 'False'],
    ['a denial in force is never ready', is('PolicyAllowed') !== 'False' || is('Ready') === 'False'],
    ['each type is there once', new Set(conditions.map(({ type }) => type)).size === conditions.length],
    ['each has a message', conditions.every(({ message }) => message.trim() !== '')],
  ];
  const broken = rules.filter(([, holds]) => !holds).map(([rule]) => rule);
  if (broken.length > 0) throw new Error(`${broken.join('; ')}\n${JSON.stringify(conditions, null, 1)}`);
}
