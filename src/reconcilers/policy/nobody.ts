/** Who is asked while no policy engine of this stack answers: nobody. What else listens at its port is not asked, and shown no token. */
import { failedAnswer, type Answer } from './answer.js';
import type { OpaClient } from './opa-client.js';

export const NOBODY: Pick<OpaClient, 'ask' | 'close'> = {
  ask: (domain, { question }) => Promise.resolve(nobodysAnswer({ domain, question })),
  close: () => undefined,
};

/** Nothing goes forward on it. */
export function nobodysAnswer(asked: Pick<Answer, 'domain' | 'question'>): Answer {
  return failedAnswer(asked, { code: 'OPA_UNREACHABLE', detail: 'the policy engine does not run' }, 0);
}
