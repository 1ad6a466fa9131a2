/** Who is asked while no policy engine of this stack answers: nobody. What else listens at its port is not asked, and shown no token. */
import { failedAnswer } from './answer.js';
import type { OpaClient } from './opa-client.js';

export const NOBODY: Pick<OpaClient, 'ask' | 'close'> = {
  ask: (domain, { question }) => {
    const failure = { code: 'OPA_UNREACHABLE', detail: 'no policy engine of this stack runs' } as const;
    return Promise.resolve(failedAnswer({ domain, question }, failure, 0));
  },
  close: () => undefined,
};
