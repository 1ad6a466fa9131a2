/** What is known of a service's live canary now: from the proxy's log, as a controller reads it. It changes nothing. */
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { CanaryLook } from '../../reconcilers/policy/question-facts.js';
import { StateStore } from '../../reconcilers/stack-state.js';
import type { Session } from '../basics/session.js';
import { firstLook } from '../plan/first-look.js';
import { openEyes } from '../plan/open-plan.js';

/** Undefined without a live canary. `policies`: whose limits the evidence is about. */
export async function canaryNow(
  session: Session,
  service: string,
  { stack, policies }: { readonly stack: StackSpec; readonly policies: PolicySet },
): Promise<CanaryLook | undefined> {
  const noted = await new StateStore(session.paths.stateDir).peek();
  const eyes = openEyes(session, noted);
  try {
    await firstLook(eyes, { stack, memory: noted.state.memory, policies }, session.stop);
    return eyes.judge.known(service);
  } finally {
    await eyes.close();
  }
}
