/**
 * What becomes of a denial when a person has asked to override it: the policies are asked whether they allow that, and what they
 * allow is on record before the step is taken. It has no say of its own; without a policy that allows, "no" stays "no".
 */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { StackSpec } from '../desired/stack-spec.js';
import type { Step } from '../plan/steps.js';
import type { Answer } from './answer.js';
import { decisionNote } from './decision-note.js';
import type { Decision } from './gate.js';
import {
  deniedBy,
  isFor,
  isOverridable,
  overrideKey,
  type ManifestNow,
  type Overridden,
  type OverrideFact,
  type OverrideRequest,
} from './override.js';
import type { OverrideFile } from './override-file.js';

/** The step that was denied. */
export interface Denied {
  readonly stack: StackSpec;
  readonly step: Step;
  readonly manifest: ManifestNow;
  readonly signal: AbortSignal;
}

export interface OverrideGateOptions {
  readonly file: Pick<OverrideFile, 'read' | 'remove'>;
  /** Puts the question `override` to every domain that answers it. */
  readonly ask: (denied: Denied, override: OverrideFact) => Promise<Decision>;
  /** Resolves when the disk has it. */
  readonly record: (event: HistoryEventInput) => Promise<void>;
  readonly say: (message: string) => void;
}

export class OverrideGate {
  /** By generation, question and rules; several steps at once wait for the same record. */
  private readonly records = new Map<string, Promise<void>>();

  /** `known`: what an earlier life has recorded. */
  constructor(
    private readonly options: OverrideGateOptions,
    known: readonly Overridden[] = [],
  ) {
    for (const overridden of known) this.records.set(overrideKey(overridden), Promise.resolve());
  }

  /** The same decision, or one that allows and says what it overrides. */
  async reconsider(decision: Decision, denied: Denied): Promise<Decision> {
    if (decision.allow || !isOverridable(decision.answers)) return decision;
    const request = await this.options.file.read();
    if (request === undefined) return decision;
    if (!isFor(request, denied.manifest)) {
      this.options.say(
        `an override that ${request.who} asked for is ignored: it was for another manifest than today's`,
      );
      return decision;
    }
    return this.override(decision, denied, request);
  }

  /** Nothing is left to do for this manifest: its override has served, or was not needed. */
  async settled(manifest: ManifestNow): Promise<void> {
    const request = await this.options.file.read();
    if (request !== undefined && isFor(request, manifest)) await this.options.file.remove(request);
  }

  private async override(decision: Decision, denied: Denied, request: OverrideRequest): Promise<Decision> {
    const { who, why } = request;
    const override = { who, why, denied: deniedBy(decision.answers) };
    const { allow, answers } = await this.options.ask(denied, override);
    const asked = [...decision.answers, ...answers];
    if (!allow || answers.length === 0) return { ...decision, answers: asked, refused: request };
    const overridden = overriddenOf(denied, override);
    const refusal = await this.recordOnce(overridden, denied, answers);
    if (refusal !== undefined) return { ...decision, answers: [...asked, refusal], refused: request };
    return { allow: true, answers: asked, silent: false, overridden };
  }

  /** What is not on record does not happen: the answer that then denies. */
  private async recordOnce(
    overridden: Overridden,
    denied: Denied,
    answers: readonly Answer[],
  ): Promise<Answer | undefined> {
    const key = overrideKey(overridden);
    const record = this.records.get(key) ?? this.options.record(eventOf(overridden, denied, answers));
    this.records.set(key, record);
    try {
      await record;
      return undefined;
    } catch {
      this.records.delete(key);
      return unrecorded(overridden);
    }
  }
}

function overriddenOf({ step, manifest }: Denied, override: OverrideFact): Overridden {
  return {
    generation: manifest.generation,
    question: step.gate?.question ?? step.kind,
    target: step.gate?.service?.name ?? step.target,
    ...override,
  };
}

function eventOf(
  { generation, question, who, why, denied }: Overridden,
  { step }: Denied,
  answers: readonly Answer[],
): HistoryEventInput {
  return {
    event: 'policy_overridden',
    generation,
    question,
    service: step.gate?.service?.name,
    step: step.kind,
    target: step.target,
    who,
    why,
    denied,
    revision: answers.find(({ revision }) => revision !== undefined)?.revision,
    decision: decisionNote(answers),
  };
}

function unrecorded({ generation }: Overridden): Answer {
  const message = `the override for generation ${String(generation)} could not be recorded in the history, so it does not count`;
  const reasons = [{ code: 'override_not_recorded', message }];
  return { domain: 'override', question: 'override', allow: false, reasons, durationMs: 0 };
}
