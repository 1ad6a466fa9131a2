/**
 * The one place that tells: events first (acknowledged on disk), then the stack's notes, then status.json, once per tick.
 * A crash between any two of these repeats an event at worst; it never loses one.
 */
import { setConditions, type Condition } from '../../controller/conditions.js';
import type { CanaryLook } from '../../controller/canary-metrics.js';
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { DecisionSample } from '../../controller/metrics.js';
import type { Judgement } from '../judge/judgement.js';
import { canaryShare } from '../plan/proxy-model.js';
import type { StackParts } from '../stack-parts.js';
import type { StackState } from '../stack-state.js';
import type { Answer } from '../policy/answer.js';
import { overriddenWords } from '../policy/override.js';
import { AnswerBook } from './answer-book.js';
import type { ConditionFacts } from './condition.js';
import { conditionsOf } from './conditions-of.js';
import { deniedWords } from './denials.js';
import { LookStory } from './look-story.js';
import { nextState } from './next-state.js';
import { statusOf, type StatusDocument } from './status-of.js';
import { withTraffic, type Traffic } from '../traffic/traffic.js';
import { wordsOf, type PolicyWord } from '../traffic/scrape-story.js';
import type { TickResult } from './tick-result.js';
import { unkeptConditions } from './unkept.js';
import { unstableWords } from './unstable-story.js';

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
  private readonly answers = new AnswerBook();
  /** Not yet acknowledged by the disk; what a full disk refuses stays here until it does not. */
  private readonly untold: HistoryEventInput[] = [];
  private complete: TickResult | undefined;
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
    for (const answer of this.answers.note(tick)) this.parts.metrics.observeDecision(decisionSample(answer));
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
    return wordsOf(this.answers.latest());
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
      answers: this.answers.told(),
      controller: this.parts.controller,
      observedGeneration: tick.generation,
    });
  }
}

function decisionSample({ domain, question, allow, code, durationMs }: Answer): DecisionSample {
  const result = allow ? 'allow' : code === undefined ? 'deny' : 'error';
  return { domain, question, result, seconds: durationMs / 1000 };
}

function measuredLook({ service, verdict, facts }: Judgement): CanaryLook {
  const rates = { canary: facts.canary.error_rate_percent, stable: facts.stable?.error_rate_percent };
  const known = Object.entries(rates).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return { service, verdict: verdict.verdict, errorRates: Object.fromEntries(known) };
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
