/** The same as JSON lines: constant messages with fields; `info` and up means that the world changed, `debug` that we looked. */
import type { Logger } from 'pino';
import type { Outcome } from '../../controller/outcome.js';
import type { StepResult } from '../../reconcilers/apply/apply.js';
import type { ToldEvent } from './event-words.js';
import type { End, Notice, Reporter } from './reporter.js';
import { errorWords } from '../basics/error-words.js';
import { words } from '../basics/talk.js';

export class JsonReporter implements Reporter {
  private readonly told = new Set<string>();
  private state = '';

  constructor(private readonly log: Logger) {}

  onStep(result: StepResult): void {
    const { kind, target, cause, gate, drift } = result.step;
    const fields = { kind, target, cause, question: gate?.question, drift };
    if (result.kind === 'done') this.log.info({ ...fields, durationMs: result.durationMs }, 'step done');
    else if (result.kind === 'failed')
      this.log.error({ ...fields, error: words(result.error) }, 'step failed');
    else
      this.log.warn(
        { ...fields, reasons: result.decision.answers.flatMap(({ reasons }) => reasons) },
        'step denied',
      );
  }

  onEvent(event: ToldEvent): void {
    this.told.add(event.event);
    this.log.info({ ...event }, 'event');
  }

  onTick(result: Outcome | Error, durationMs: number): void {
    if (result instanceof Error) this.log.warn({ error: result.message, durationMs }, 'tick failed');
    else this.log.debug({ outcome: result.kind, durationMs }, 'tick');
  }

  onNotice(notice: Notice): void {
    const { kind, ...fields } = notice;
    this.log.warn('error' in fields ? { error: words(fields.error) } : fields, kind);
  }

  onProgress(progress: string): void {
    this.log.debug({ progress }, 'progress');
  }

  onState({ code, conditions }: End): void {
    const ready = conditions.find(({ type }) => type === 'Ready');
    const state = JSON.stringify([code, ready?.reason, ready?.message]);
    if (state === this.state) return;
    this.state = state;
    this.log.info({ ready: code === 0, reason: ready?.reason, detail: ready?.message }, 'state');
  }

  onEnd({ code, timeoutMs, unwritten }: End): void {
    this.log.info({ exitCode: code, timeoutMs, unwritten: unwritten && errorWords(unwritten) }, 'ended');
  }

  hasTold(event: string): boolean {
    return this.told.has(event);
  }
}
