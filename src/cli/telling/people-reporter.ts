/** Tells people, on stderr, each thing once: what repeats itself while something is retried is not repeated. */
import type { Outcome } from '../../controller/outcome.js';
import type { StepResult } from '../../reconcilers/apply/apply.js';
import { formatStep } from '../../reconcilers/plan/format-plan.js';
import type { Step } from '../../reconcilers/plan/steps.js';
import type { Answer, Reason } from '../../reconcilers/policy/answer.js';
import type { Decision } from '../../reconcilers/policy/gate.js';
import { answerKind, answerWords } from './answer-words.js';
import { endLines } from './end-words.js';
import { eventWords, repairWords, type ToldEvent } from './event-words.js';
import type { End, Notice, Reporter } from './reporter.js';
import { errorWords } from '../basics/error-words.js';
import type { Paint } from '../basics/talk.js';

export interface PeopleReporterOptions {
  readonly say: (line: string) => void;
  readonly paint: Paint;
}

/** Events that are told as steps by whoever takes the steps. */
const TOLD_AS_STEPS = new Set([
  'policy_denied',
  'policy_warning',
  'drift_detected',
  'controller_started',
  'controller_stopped',
]);

export class PeopleReporter implements Reporter {
  private readonly told = new Set<string>();
  /** What was said last about each step, and about the tick as a whole. */
  private readonly said = new Map<string, string>();
  /** How the policies answered each question last. */
  private readonly answered = new Map<string, string>();
  private readonly warned = new Set<string>();
  /** By target, the kind of its step that failed last. */
  private readonly failing = new Map<string, Step['kind']>();
  /** What was done, since a step that failed went well. */
  private readonly done = new Set<string>();
  private stepError: unknown;
  private takesSteps = false;

  constructor(private readonly options: PeopleReporterOptions) {}

  onStep(result: StepResult): void {
    this.takesSteps = true;
    if (this.isSaidRetry(result)) return;
    // What is denied or fails changes nothing: how things stand is no news then.
    if (result.kind === 'done') this.said.delete('state');
    if (result.kind === 'failed') this.stepError = result.error;
    if (result.kind === 'denied') this.told.add('policy_denied');
    const { step } = result;
    if (result.decision !== undefined) this.sayAnswers(result.decision, step);
    this.sayOnce(`${step.gate?.question ?? step.kind} ${step.target}`, stepLines(result, this.options.paint));
    this.noteFailing(result);
  }

  /** What is done again on the way to a step that failed before. */
  private isSaidRetry({ kind, step }: StepResult): boolean {
    const failing = this.failing.get(step.target);
    return (
      kind === 'done' && failing !== undefined && failing !== step.kind && this.done.has(formatStep(step))
    );
  }

  private noteFailing({ kind, step }: StepResult): void {
    if (kind === 'failed') this.failing.set(step.target, step.kind);
    if (kind !== 'done') return;
    if (this.failing.get(step.target) === step.kind) {
      this.failing.delete(step.target);
      this.done.clear();
    }
    this.done.add(formatStep(step));
  }

  onEvent(event: ToldEvent): void {
    if (this.takesSteps && TOLD_AS_STEPS.has(event.event)) return;
    this.told.add(event.event);
    if (event.event === 'canary_look') this.sayVerdict(event);
    else this.options.say(eventWords(event, this.options.paint));
  }

  onTick(result: Outcome | Error): void {
    if (!(result instanceof Error)) this.said.delete('tick');
    else if (result !== this.stepError)
      this.sayOnce('tick', `${this.options.paint('red', '!')} ${errorWords(result)}`);
  }

  onNotice(notice: Notice): void {
    this.options.say(`${this.options.paint('yellow', '!')} ${noticeWords(notice)}`);
  }

  onProgress(message: string): void {
    this.sayOnce('progress', this.options.paint('dim', `… ${message}`));
  }

  onState(state: End): void {
    const lines = this.endLines(state);
    if (lines.length > 0) this.sayOnce('state', lines.join('\n'));
  }

  onEnd(end: End): void {
    for (const line of this.endLines(end)) this.options.say(line);
  }

  hasTold(event: string): boolean {
    return this.told.has(event);
  }

  /** A canary is looked at each second: a verdict is said when it is another one. */
  private sayVerdict(look: ToldEvent): void {
    const about = `verdict ${String(look.service)}`;
    const verdict = String(look.verdict);
    if (this.said.get(about) === verdict) return;
    this.said.set(about, verdict);
    this.options.say(eventWords(look, this.options.paint));
  }

  /** What the policies say to the same question is said again when other rules speak, and what they warn of once. */
  private sayAnswers({ answers }: Decision, { target, gate }: Step): void {
    const subject = gate?.service?.name ?? target;
    for (const answer of answers) {
      const about = `${answer.domain} ${answer.question}`;
      const kind = answerKind(answer);
      const warnings = this.newWarnings(answer, subject);
      if (this.answered.get(about) === kind && warnings.length === 0) continue;
      this.answered.set(about, kind);
      this.options.say(answerWords({ ...answer, warnings }, this.options.paint));
    }
  }

  private newWarnings({ domain, warnings = [] }: Answer, subject: string): readonly Reason[] {
    const keyOf = ({ code }: Reason) => `${domain} ${code} ${subject}`;
    const fresh = warnings.filter((warning) => !this.warned.has(keyOf(warning)));
    for (const warning of fresh) this.warned.add(keyOf(warning));
    return fresh;
  }

  private endLines(end: End): readonly string[] {
    return endLines(end, { paint: this.options.paint, hasTold: (event) => this.hasTold(event) });
  }

  private sayOnce(about: string, text: string): void {
    if (this.said.get(about) === text) return;
    this.said.set(about, text);
    this.options.say(text);
  }
}

/** One line per step, with the error where it failed; what OPA said was said before. */
function stepLines(result: StepResult, paint: Paint): string {
  const line = formatStep(result.step);
  if (result.kind === 'done')
    return `${paint('green', '✔')} ${line} ${paint('dim', `${result.durationMs.toFixed(0)} ms`)}`;
  if (result.kind === 'failed') return `${paint('red', '✘')} ${line}\n    ${errorWords(result.error)}`;
  return `${paint('yellow', '⊘')} denied: ${line}`;
}

function noticeWords(notice: Notice): string {
  switch (notice.kind) {
    case 'history repaired':
      return repairWords({ ...notice.repair });
    case 'proxy log broke':
      return `the proxy's log cannot be read, and no canary is judged until it can: ${errorWords(notice.error)}`;
    case 'event stream broke':
      return `the engine's event stream broke: ${errorWords(notice.error)}`;
    case 'history not written':
      return `the history cannot be written: ${errorWords(notice.error)}`;
    case 'no metrics served':
      return `${notice.message}: no metrics are served`;
  }
}
