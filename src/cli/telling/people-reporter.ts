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
import { News } from './news.js';
import type { End, Notice, Reporter } from './reporter.js';
import { RetriedSteps } from './retried-steps.js';
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
  /** Names of events. */
  private readonly told = new Set<string>();
  private readonly news = new News();
  private readonly retried = new RetriedSteps();
  private stepError: unknown;
  private takesSteps = false;

  constructor(private readonly options: PeopleReporterOptions) {}

  onStep(result: StepResult): void {
    this.takesSteps = true;
    if (this.retried.isRetry(result)) return;
    // What is denied or fails changes nothing: how things stand is no news then.
    if (result.kind === 'done') this.news.forget('state');
    if (result.kind === 'failed') this.stepError = result.error;
    if (result.kind === 'denied') this.told.add('policy_denied');
    const { step } = result;
    if (result.decision !== undefined) this.sayAnswers(result.decision, step);
    if (!isToldByItsEvent(result))
      this.sayOnce(
        `step ${step.gate?.question ?? step.kind} ${step.target}`,
        stepLines(result, this.options.paint),
      );
    this.retried.note(result);
  }

  onEvent(event: ToldEvent): void {
    if (this.takesSteps && TOLD_AS_STEPS.has(event.event)) return;
    this.told.add(event.event);
    if (event.event === 'canary_look') this.sayVerdict(event);
    else this.options.say(eventWords(event, this.options.paint));
  }

  onTick(result: Outcome | Error): void {
    // What is on its way does not wait for the disk: that the tick went well says nothing of what it refused.
    if (!(result instanceof Error)) {
      if (result.kind !== 'progress') this.news.forget('tick');
    } else if (result !== this.stepError)
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
    if (!this.news.isNews(`verdict ${String(look.service)}`, String(look.verdict))) return;
    this.options.say(eventWords(look, this.options.paint));
  }

  /** What the policies say to the same question is said again when other rules speak, and what they warn of once. */
  private sayAnswers({ answers }: Decision, { target, gate }: Step): void {
    const subject = gate?.service?.name ?? target;
    for (const answer of answers) {
      const isNews = this.news.isNews(`answer ${answer.domain} ${answer.question}`, answerKind(answer));
      const warnings = this.newWarnings(answer, subject);
      if (isNews || warnings.length > 0)
        this.options.say(answerWords({ ...answer, warnings }, this.options.paint));
    }
  }

  private newWarnings({ domain, warnings = [] }: Answer, subject: string): readonly Reason[] {
    const isNew = (code: string) => this.news.isNews(`warning ${domain} ${code} ${subject}`, code);
    const fresh = new Set(warnings.map(({ code }) => code).filter(isNew));
    return warnings.filter(({ code }) => fresh.has(code));
  }

  private endLines(end: End): readonly string[] {
    return endLines(end, { paint: this.options.paint, hasTold: (event) => this.hasTold(event) });
  }

  private sayOnce(about: string, text: string): void {
    if (this.news.isNews(about, text)) this.options.say(text);
  }
}

/** It has the same sentence, and the last words of the log. */
function isToldByItsEvent({ kind, step }: StepResult): boolean {
  return kind === 'done' && step.kind === 'recordFailure';
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
