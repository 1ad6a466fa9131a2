/** The last answer to each question, as status tells it: with the time since when it is the same, and for as long as it is still said. */
import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../policy/answer.js';
import { isStillSaid, marked, type ToldAnswer } from './still-said.js';
import type { TickResult } from './tick-result.js';

export class AnswerBook {
  private readonly answers = new Map<string, ToldAnswer>();
  /** The last answer of each domain, whatever was asked. */
  private readonly byDomain = new Map<string, Answer>();
  /** Revision of the policies that both were last measured by. */
  private decides: string | undefined;

  /** The answers that the tick got, in their order. */
  note(tick: TickResult): readonly Answer[] {
    this.forgetOlder(tick);
    if (tick.plan?.services.every(({ memory }) => memory.rollout === undefined) === true)
      this.forgetAnalyses();
    const { results, judgements = [], now } = tick;
    const decisions = [...results, ...judgements].flatMap(({ decision }) => decision ?? []);
    const answers = decisions.flatMap(({ answers }) => answers);
    for (const answer of answers) this.keep(answer, now);
    return answers;
  }

  /** By domain and question. */
  told(): readonly ToldAnswer[] {
    return [...this.answers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, answer]) => marked(answer, this.decides));
  }

  /** The last of each domain. */
  latest(): readonly Answer[] {
    return [...this.byDomain.values()];
  }

  /** Its time is kept while it stays the same: status.json changes only when something did. */
  private keep(answer: Answer, now: number): void {
    this.byDomain.set(answer.domain, answer);
    const known = this.answers.get(key(answer));
    if (known !== undefined && isSameAnswer(known, answer)) return;
    this.answers.set(key(answer), { ...answer, checkedAt: new Date(now).toISOString() });
  }

  /** Once another set has taken over, in its own engine. */
  private forgetOlder({ policy, decides }: TickResult): void {
    const set = policy?.active;
    if (set === undefined || set.revision !== decides || decides === this.decides) return;
    this.decides = decides;
    this.forget((answer) => !isStillSaid(answer, set));
  }

  /** What was said of a canary that is no more says nothing of what runs. */
  private forgetAnalyses(): void {
    this.forget(({ question }) => question === 'analyse');
  }

  private forget(isPast: (answer: Answer) => boolean): void {
    for (const known of [this.answers, this.byDomain])
      for (const [name, answer] of known) if (isPast(answer)) known.delete(name);
  }
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
