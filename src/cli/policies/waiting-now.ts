/** What waits for the policies now: the steps that `plan` shows, and what is known of live canaries. It changes nothing. */
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Step } from '../../reconcilers/plan/steps.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { CanaryLook, LiveCanary } from '../../reconcilers/policy/question-facts.js';
import { StateStore } from '../../reconcilers/stack-state.js';
import { CommandError, EXIT } from '../basics/exit.js';
import type { Session } from '../basics/session.js';
import { invalidWords, knownManifest } from '../plan/known-manifest.js';
import { lookAhead } from '../plan/look-ahead.js';
import { openEyes } from '../plan/open-plan.js';
import type { SeenSource } from '../source/seen-source.js';

export interface WaitingNow {
  readonly stack: StackSpec;
  /** In the order of the plan, without what suspends it. */
  readonly steps: readonly Step[];
  /** Undefined without a live canary. */
  readonly known: (service: string) => CanaryLook | undefined;
  readonly analysed: (service: string) => LiveCanary | undefined;
}

/** `policies`: those that are taken to decide. */
export async function waitingNow(
  session: Session,
  source: SeenSource,
  policies: PolicySet,
): Promise<WaitingNow> {
  const { paths, stop } = session;
  const noted = await new StateStore(paths.stateDir).peek();
  const look = await knownManifest(paths, noted, source);
  if (look.isRefused) throw new CommandError(invalidWords(look), EXIT.badManifest);
  const eyes = openEyes(session, noted, source.revision);
  const { state } = noted;
  const isRemoved = source.removal !== undefined;
  try {
    const seen = await lookAhead(eyes, { session, state, look, policy: { active: policies }, isRemoved });
    const { ticks } = await seen.foresee([]);
    const steps = ticks.flatMap(({ plan }) => plan.chains.flat());
    const { judge } = eyes;
    const known = (service: string) => judge.known(service);
    const analysed = (service: string) => judge.asked(service);
    return { stack: look.stack, steps, known, analysed };
  } finally {
    await eyes.close();
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
  }
}
