/** The stack as it is now, and what the controller would make of it: `plan` shows that, and `policies explain` finds there what waits. */
import { foresee, type Foresight } from '../../reconcilers/foresee.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { World } from '../../reconcilers/observed/world.js';
import { outdatedNotes } from '../../reconcilers/plan/outdated-notes.js';
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { PolicyState } from '../../reconcilers/policy/policy-keeper.js';
import { forgotten, type StackState } from '../../reconcilers/stack-state.js';
import { controllerOf } from '../basics/lock.js';
import type { Session } from '../basics/session.js';
import { firstLook } from './first-look.js';
import type { Known } from './known-manifest.js';
import type { Eyes } from './open-plan.js';
import { planGate, whoCanBeAsked } from './plan-gate.js';
import { asSeenBy } from './present.js';
import { refuser } from './refusals.js';
import type { StandIn } from './stand-in.js';

const STAND_IN_TIMEOUT_MS = 15_000;

export interface Outlook {
  readonly session: Session;
  readonly state: StackState;
  readonly look: Known;
  readonly policy: PolicyState & { readonly active: PolicySet };
  /** Nothing of the stack is wished for any more. */
  readonly isRemoved: boolean;
  /** Asked while no policy engine decides by these policies; absent: nobody is, and everything is taken for allowed. */
  readonly standIn?: StandIn;
}

export interface SeenAhead {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly world: World;
  /** A policy engine decides by these policies already, or one stood in for it. */
  readonly asked: () => boolean;
  /** One runs. */
  readonly controller: boolean;
  readonly foresee: (suspends: readonly Suspend[]) => Promise<Foresight>;
}

export async function lookAhead(eyes: Eyes, outlook: Outlook): Promise<SeenAhead> {
  const { session, look, policy, isRemoved, standIn } = outlook;
  const { engine, info, stop } = session;
  const { stack } = look;
  const runtime = eyes.runtimeOf(policy.active);
  eyes.gate.measureHost();
  const controller = (await controllerOf(info, stack.name)) !== undefined;
  const lookBy = ({ memory }: StackState) =>
    firstLook(eyes, { stack, memory, policies: policy.active }, stop);
  const first = await lookBy(outlook.state);
  // One that runs has notes of its own: those on the disk may be a tick behind.
  const isOutdated = !controller && outdatedNotes(outlook.state, first).length > 0;
  const state = isOutdated ? forgotten(outlook.state) : outlook.state;
  const found = isOutdated ? await lookBy(state) : first;
  const now = Date.now();
  const world = asSeenBy(found, { controller, now });
  const decider = whoCanBeAsked(world, runtime);
  const prepared = async () => {
    const engine = decider ?? (await standIn?.engine());
    const asker = decider === undefined ? withPatience(stack) : stack;
    if (engine !== undefined) eyes.gate.prepare(asker, policy.active, engine);
    return engine !== undefined;
  };
  const asked = () => decider !== undefined || standIn?.answers === true;
  const parts = {
    gate: planGate(eyes.gate, prepared),
    serve: () => runtime,
    refuse: refuser(engine, stack.name),
  };
  const present = { now, look, isRemoved, state, world, policy, signal: stop };
  return { now, world, asked, controller, foresee: (suspends) => foresee(parts, { ...present, suspends }) };
}

/** Who was started for this one plan may be slow to its first answers, on a busy host: that is no silence of the stack's own. */
function withPatience(stack: StackSpec): StackSpec {
  const timeoutMs = Math.max(stack.policyEngine.timeoutMs, STAND_IN_TIMEOUT_MS);
  return { ...stack, policyEngine: { ...stack.policyEngine, timeoutMs } };
}
