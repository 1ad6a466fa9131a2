/**
 * The one place that tells: events first (acknowledged on disk), then the stack's notes, then status.json, once per tick.
 * A crash between any two of these repeats an event at worst; it never loses one.
 */
import { setConditions, type Condition } from '../../controller/conditions.js';
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import { doneSteps, refusedCreations } from '../apply/apply.js';
import { withDone, type StackMemory } from '../plan/memory.js';
import { withRefused } from '../plan/refused-creation.js';
import type { CanaryLook } from '../../controller/canary-metrics.js';
import type { Judgement } from '../judge/judgement.js';
import { canaryShare } from '../plan/proxy-model.js';
import type { StackParts } from '../stack-parts.js';
import type { StackState } from '../stack-state.js';
import type { Answer } from '../policy/answer.js';
import { overriddenWords } from '../policy/override.js';
import type { ConditionFacts } from './condition.js';
import { conditionsOf } from './conditions-of.js';
import { deniedWords } from './denials.js';
import { trackOverrides } from './overrides.js';
import { LookStory } from './look-story.js';
import { isStillSaid, marked, type ToldAnswer } from './still-said.js';
import { continueStories } from './stories.js';
import { statusOf, type StatusDocument } from './status-of.js';
import { withTraffic, type Traffic } from '../traffic/traffic.js';
import { wordsOf, type PolicyWord } from '../traffic/scrape-story.js';
import { sourceEvents, withAuthor } from './source-story.js';
import type { TickResult } from './tick-result.js';
import { unkeptConditions } from './unkept.js';
import { unstableWords } from './unstable-story.js';
import { isDeepStrictEqual } from 'node:util';

export interface Report {
  readonly conditions: readonly Condition[];
  readonly facts: TickResult;
}

/** A disk that stays full must not fill the memory: beyond this, looks are not kept. */
const MOST_UNTOLD = 100;
const LOOKS: ReadonlySet<string> = new Set(['status_scrape', 'canary_look']);

export class StackReporter {
  /** The last tick as it was told; absent before the first. */
  last: Report | undefined;
  private readonly answers = new Map<string, ToldAnswer>();
  /** Not yet acknowledged by the disk; what a full disk refuses stays here until it does not. */
  private readonly untold: HistoryEventInput[] = [];
  private complete: TickResult | undefined;
  /** The last answer of each domain, whatever was asked. */
  private readonly latest = new Map<string, Answer>();
  /** Revision of the policies that both were last measured by. */
  private decides: string | undefined;
  /** Of the newest notes that are on the disk: what a crash would take back is not shown, or with a word of it. */
  private document: StatusDocument | undefined;
  private traffic: Traffic = new Map();
  private writing: Promise<unknown> = Promise.resolve();
  private turn = 0;
  private readonly looks = new LookStory();

  /** `conditions`: as the status file has them; a restart of the controller is no transition of the world. */
  constructor(
    private readonly parts: StackParts,
    private conditions: readonly Condition[],
  ) {}

  /** The notes for the next tick, at once; `written` resolves when the disk has everything, and rejects when it has not. */
  report(tick: TickResult, before: StackState): { state: StackState; written: Promise<void> } {
    this.forgetOlder(tick);
    this.noteAnswers(tick);
    const { state, events } = nextState(tick, before);
    this.queue([...this.looks.tell(tick.judgements ?? [], events, tick.now), ...events]);
    const document = this.status(tick, state);
    const turn = ++this.turn;
    const written = this.writing.then(async () => {
      try {
        await this.tellAll();
        if (turn !== this.turn) return; // a later tick knows more, and writes it
        await this.parts.store.save({ ...state, history: this.parts.history.head });
      } catch (error) {
        await this.showUnkept(document, error);
        throw error;
      }
      this.document = document;
      await this.writeStatus();
    });
    this.writing = written.catch(() => undefined);
    return { state, written };
  }

  /** Resolves when the disk has all that was reported, or has refused it. */
  get told(): Promise<unknown> {
    return this.writing;
  }

  /** Between ticks: what the replicas' metrics say. What the disk refuses now comes with the next report. */
  async retell(traffic: Traffic, events: readonly HistoryEventInput[]): Promise<void> {
    this.traffic = traffic;
    this.queue(events);
    this.writing = this.writing
      .then(() => this.tellAll())
      .then(() => this.writeStatus())
      .catch(() => undefined);
    await this.writing;
  }

  /** What the policies said last. */
  policyWords(): PolicyWord {
    return wordsOf([...this.latest.values()]);
  }

  private queue(events: readonly HistoryEventInput[]): void {
    const hasRoom = this.untold.length < MOST_UNTOLD;
    this.untold.push(...events.filter(({ event }) => hasRoom || !LOOKS.has(event)));
  }

  private async writeStatus(): Promise<void> {
    if (this.document !== undefined) await this.parts.status.write(withTraffic(this.document, this.traffic));
  }

  /** An old status would say that all is well: where the disk does not take this one, there is none. */
  private async showUnkept(document: StatusDocument, error: unknown): Promise<void> {
    const at = { generation: document.observedGeneration, now: new Date().toISOString() };
    const said = [...document.conditions, ...unkeptConditions(error)];
    const conditions = setConditions(document.conditions, said, at);
    this.parts.metrics.setConditions(conditions);
    const shown = withTraffic({ ...document, conditions }, this.traffic);
    await this.parts.status.replace(shown).catch(() => undefined);
  }

  private async tellAll(): Promise<void> {
    for (let event = this.untold[0]; event !== undefined; event = this.untold[0]) {
      await this.parts.history.append(event);
      this.untold.shift();
      // Every few seconds: what people want to see of it is in the status.
      if (event.event !== 'status_scrape') this.parts.listener.onEvent(event);
      if (event.event === 'drift_detected') this.parts.metrics.countDrift(String(event.kind));
    }
  }

  private status(tick: TickResult, state: StackState): StatusDocument {
    this.complete = tick.plan === undefined ? this.complete : tick;
    const shown: TickResult = { ...(tick.plan === undefined ? this.complete : undefined), ...tick };
    const denials = Object.values(state.denials).map(deniedWords);
    const isOverrideRefused = Object.values(state.denials).some(({ refusal }) => refusal !== undefined);
    const overrides = (state.overrides ?? []).map(overriddenWords);
    const warnings = Object.values(state.warnings ?? {}).map(({ sentence }) => sentence);
    const unstable = Object.values(state.unstable ?? {}).map(unstableWords);
    const facts: ConditionFacts = {
      ...shown,
      ...{ drifts: state.drifts, denials, isOverrideRefused, overrides, warnings, unstable },
    };
    const at = { generation: tick.generation, now: new Date(tick.now).toISOString() };
    this.conditions = setConditions(this.conditions, conditionsOf(facts), at);
    this.parts.metrics.setConditions(this.conditions);
    this.parts.metrics.setCanaryWeights(canaryWeights(shown));
    this.parts.metrics.noteCanaryLooks((tick.judgements ?? []).map(measuredLook));
    this.last = { conditions: this.conditions, facts: tick };
    return statusOf({
      ...shown,
      stackName: this.parts.stackName,
      conditions: this.conditions,
      answers: [...this.answers.values()]
        .sort((a, b) => (key(a) < key(b) ? -1 : 1))
        .map((answer) => marked(answer, this.decides)),
      controller: this.parts.controller,
      observedGeneration: tick.generation,
    });
  }

  /** The time of an answer is kept while the answer stays the same: status.json changes only when something did. */
  private noteAnswers({ results, judgements = [], plan, now }: TickResult): void {
    if (plan?.services.every(({ memory }) => memory.rollout === undefined) === true) this.forgetAnalyses();
    const decisions = [...results, ...judgements].flatMap(({ decision }) => decision ?? []);
    for (const answer of decisions.flatMap(({ answers }) => answers)) {
      const { durationMs, ...said } = answer;
      this.latest.set(answer.domain, answer);
      this.parts.metrics.observeDecision({
        domain: answer.domain,
        question: answer.question,
        result: answer.allow ? 'allow' : answer.code === undefined ? 'deny' : 'error',
        seconds: durationMs / 1000,
      });
      const known = this.answers.get(key(answer));
      if (known !== undefined && isSameAnswer(known, said)) continue;
      this.answers.set(key(answer), { ...answer, checkedAt: new Date(now).toISOString() });
    }
  }

  /** Once another set has taken over, in its own engine. */
  private forgetOlder({ policy, decides }: TickResult): void {
    const set = policy?.active;
    if (set === undefined || set.revision !== decides || decides === this.decides) return;
    this.decides = decides;
    for (const known of [this.answers, this.latest])
      for (const [name, answer] of known) if (!isStillSaid(answer, set)) known.delete(name);
  }

  /** What was said of a canary that is no more says nothing of what runs. */
  private forgetAnalyses(): void {
    for (const known of [this.answers, this.latest])
      for (const [name, { question }] of known) if (question === 'analyse') known.delete(name);
  }
}

function measuredLook({ service, verdict, facts }: Judgement): CanaryLook {
  const rates = { canary: facts.canary.error_rate_percent, stable: facts.stable?.error_rate_percent };
  const known = Object.entries(rates).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return { service, verdict: verdict.verdict, errorRates: Object.fromEntries(known) };
}

function key({ domain, question }: Pick<Answer, 'domain' | 'question'>): string {
  return `${domain}/${question}`;
}

function isSameAnswer(left: Answer, right: Omit<Answer, 'durationMs'>): boolean {
  return (
    left.allow === right.allow &&
    left.revision === right.revision &&
    isDeepStrictEqual(left.reasons, right.reasons) &&
    isDeepStrictEqual(left.warnings, right.warnings)
  );
}

function canaryWeights({ plan, world }: TickResult): Record<string, number> {
  const routes = world?.proxy.model?.routes ?? [];
  return Object.fromEntries(
    (plan?.services ?? []).map(({ spec }) => {
      const route = routes.find(({ service }) => service === spec.name);
      return [spec.name, route === undefined ? 0 : canaryShare(route)];
    }),
  );
}

function nextState(
  tick: TickResult,
  before: StackState,
): { state: StackState; events: readonly HistoryEventInput[] } {
  const { results, manifest, generation, stackGeneration, stack, revision, policy } = tick;
  const { stories, events: told } = continueStories(tick, before);
  const { events: ofSource, notes } = sourceEvents(tick.source, before.source);
  const events: readonly HistoryEventInput[] = [
    ...ofSource,
    ...(tick.manifestEvent === undefined ? [] : [withAuthor(tick.manifestEvent, tick)]),
    ...(policy?.change === undefined ? [] : [{ ...policy.change }]),
    ...told,
  ];
  const state: StackState = {
    generation,
    stackGeneration,
    ...(manifest.sha256 === undefined ? {} : { manifestSha256: manifest.sha256 }),
    ...(stack === undefined ? {} : { stack }),
    ...(revision === undefined ? {} : { revision }),
    memory: nextMemory(tick, before),
    ...(policy?.active === undefined ? {} : { policyRevision: policy.active.revision }),
    ...refusedPolicies(policy?.change, before),
    ...stories,
    source: notes,
    overrides: trackOverrides(before.overrides ?? [], results, stackGeneration),
  };
  return { state, events };
}

function nextMemory({ plan, results, now }: TickResult, before: StackState): StackMemory {
  const memory = withDone(plan?.memory ?? before.memory, doneSteps(results), now);
  return withRefused(memory, refusedCreations(results), now);
}

/** Remembered until another set is tried: whoever plans does not test. */
function refusedPolicies(
  change: NonNullable<TickResult['policy']>['change'],
  { refusedPolicies: known }: StackState,
): Pick<StackState, 'refusedPolicies'> {
  if (change?.event === 'policy_changed') return {};
  const { revision, problems } = change ?? {};
  if (revision !== undefined && problems !== undefined) return { refusedPolicies: { revision, problems } };
  return known === undefined ? {} : { refusedPolicies: known };
}
