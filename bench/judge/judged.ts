/** One simulated rollout that is lived second by second, told to the policy, and does what it says. */
import type { Question, Verdict } from './opa.js';
import type { Progress } from './outcome.js';

export interface Judged {
  readonly progress: Progress;
  /** The second before `now` goes by. */
  live(now: number): void;
  hasNews(now: number): boolean;
  question(now: number): Question;
  obey(now: number, verdict: Verdict | undefined): void;
}
