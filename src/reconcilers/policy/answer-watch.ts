/**
 * Watches our probes while one OPA answers them: who is asked is printed before each answer, so whoever does not answer is known by name,
 * and long before the check as a whole has lost its patience.
 */

import { TEST_TIMEOUT_CODE, type PolicyProblem } from './check-policies.js';
import { domainPlace } from './domain-place.js';
import type { PolicySet } from './policy-set.js';

/** Before who is asked and what; alone when all have answered. */
export const ASKED = 'swiftdeploy.asked';

/** The question of an empty input. */
export const NOTHING = '{}';

/** Whose answer did not come. */
export interface Silence {
  readonly domain: string;
  readonly question: string;
  readonly withinMs: number;
}

export function silenceProblem(set: PolicySet, { domain, question, withinMs }: Silence): PolicyProblem {
  const asked = question === NOTHING ? `an empty question (${NOTHING})` : `"${question}"`;
  return {
    ...domainPlace(set, domain),
    code: TEST_TIMEOUT_CODE,
    message: `${domain} does not answer ${asked} within ${(withinMs / 1000).toFixed(0)} s`,
    hint: 'before a step nobody waits that long for an answer: look for a rule that goes through too much',
  };
}

/** As long as the gate waits. */
const ANSWER_MS = 2000;

export class AnswerWatch {
  private readonly stop = new AbortController();
  private readonly startedAtMs = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private limitMs: number | undefined;
  private found: Silence | undefined;

  constructor(private readonly answerMs = ANSWER_MS) {}

  /** Aborted when somebody does not answer. */
  get signal(): AbortSignal {
    return this.stop.signal;
  }

  get silence(): Silence | undefined {
    return this.found;
  }

  /** `text`: a line that OPA printed. */
  see(text: string): void {
    const [mark, domain, question] = text.split(' ');
    if (mark !== ASKED) return;
    this.end();
    // A machine on which starting OPA and compiling takes longer than that is busy, and answers there take longer, too.
    this.limitMs ??= Math.max(this.answerMs, performance.now() - this.startedAtMs);
    if (domain === undefined || question === undefined) return;
    const silence = { domain, question, withinMs: this.limitMs };
    this.timer = setTimeout(() => {
      this.found = silence;
      this.stop.abort();
    }, this.limitMs);
  }

  /** Nobody is waited for any more. */
  end(): void {
    clearTimeout(this.timer);
  }
}
