/**
 * Who answers a plan while no policy engine of the stack decides by its policies: one of the manifest's own image in a throw-away
 * container, from the first question on. Policies that never decided are checked first, as the controller checks them.
 */
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { reasonOf, statusOf } from '../../reconcilers/docker/engine-errors.js';
import { checkInContainer } from '../../reconcilers/policy/check-container.js';
import { formatPolicyProblem } from '../../reconcilers/policy/check-policies.js';
import { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import type { PolicySet } from '../../reconcilers/policy/policy-set.js';
import type { AskedEngine } from '../../reconcilers/policy/stack-gate.js';
import { startStandIn } from '../../reconcilers/policy/stand-in-engine.js';
import type { ThrowAwayPlace } from '../../reconcilers/throw-away.js';
import type { Session } from '../basics/session.js';
import { words } from '../basics/talk.js';
import { cannotRunWords, newTester, TRIAL_PATIENCE_MS } from '../basics/trial.js';

export interface StandInFor {
  readonly stack: StackSpec;
  readonly set: PolicySet;
  /** Of which its token is made. */
  readonly key: string;
}

export class StandIn {
  private started: Promise<AskedEngine | undefined> | undefined;
  private whyNot: string | undefined;
  private hasTried = false;
  private isUp = false;

  constructor(
    private readonly session: Session,
    private readonly wanted: StandInFor,
  ) {}

  /** Started once; undefined: nobody can be asked, and `note` says why. */
  engine(): Promise<AskedEngine | undefined> {
    this.started ??= this.start();
    return this.started;
  }

  /** It came to answer. */
  get answers(): boolean {
    return this.isUp;
  }

  /** It is known how the check of these policies ends. */
  get isChecked(): boolean {
    return this.hasTried;
  }

  /** Why nobody could be asked; undefined where that was not so, or nobody had to be. */
  get note(): string | undefined {
    return this.whyNot;
  }

  /** Nothing of it is left then. */
  async close(): Promise<void> {
    const engine = await this.started;
    if (engine !== undefined) await this.session.engine.removeContainer(engine.id);
  }

  private async start(): Promise<AskedEngine | undefined> {
    const { stack, set, key } = this.wanted;
    try {
      const place = this.place(stack);
      this.whyNot = await this.objection(place, set);
      if (this.whyNot !== undefined) return undefined;
      const engine = await startStandIn(place, set, key);
      this.isUp = true;
      return engine;
    } catch (error) {
      this.whyNot = `nobody could be asked now: ${whyNot(error, stack.policyEngine.image)}`;
      return undefined;
    }
  }

  private place(stack: StackSpec): ThrowAwayPlace {
    const { engine, stop: signal } = this.session;
    const { image } = stack.policyEngine;
    const tester = newTester('plan');
    return { engine, stack: stack.name, image, tester, signal, timeoutMs: TRIAL_PATIENCE_MS };
  }

  /** Why these policies cannot be asked. What has passed once is not checked again. */
  private async objection(place: ThrowAwayPlace, set: PolicySet): Promise<string | undefined> {
    const { engine, image } = place;
    if ((await engine.inspectImage(image)) === undefined)
      return `nobody could be asked now: ${image} is not on the engine (docker pull ${image})`;
    const archive = new PolicyArchive(this.session.paths.stateDir);
    const hasPassed = (await archive.find(set.revision)) !== undefined;
    const problems = hasPassed ? [] : ((await checkInContainer(place, set))?.problems ?? []);
    this.hasTried = true;
    if (problems.length === 0) return undefined;
    return `the policies would be refused, so nobody was asked: ${problems.map(formatPolicyProblem).join('; ')}`;
  }
}

function whyNot(error: unknown, image: string): string {
  return statusOf(error) === undefined ? words(error) : cannotRunWords(image, reasonOf(error));
}
