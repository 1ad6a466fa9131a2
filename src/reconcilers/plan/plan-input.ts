/** Everything that planning is given; nothing else decides. */
import type { StackSpec } from '../desired/stack-spec.js';
import type { World } from '../observed/world.js';
import type { StackMemory } from './memory.js';
import type { CanaryVerdict } from './rollout.js';
import type { PolicyRuntime } from './templates.js';

export interface PlanInput {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly stack: StackSpec;
  /** The wish is empty: nothing of `stack`, the last one that was wished for, is to be there. */
  readonly isRemoved?: boolean;
  readonly memory: StackMemory;
  readonly policy: PolicyRuntime;
  /** Newer policies than those are being tried: what is new waits for the answer. */
  readonly policiesOnTrial?: boolean;
  readonly world: World;
  /** By container name: not to be started again before this time (epoch milliseconds). */
  readonly notBefore: ReadonlyMap<string, number>;
  /** Targets of steps that take longer than a tick and are on their way: a container among them is being stopped or started anew. */
  readonly busy: ReadonlySet<string>;
  /** Targets of steps that failed in the last tick. */
  readonly failing: ReadonlySet<string>;
  /** By service: what the policies said of its canary in this tick. */
  readonly verdicts: ReadonlyMap<string, CanaryVerdict>;
}

export interface NetworkNow {
  /** Absent while there is none of this name. */
  readonly id: string | undefined;
  /** It was there, and everybody was on it. */
  readonly applied: boolean;
  /** Names of the stack's own, this one among them: also of one that the manifest names no more. */
  readonly own: ReadonlySet<string>;
}

export function networkNow(input: Pick<PlanInput, 'world' | 'memory'>, name: string): NetworkNow {
  const mine = input.world.networks.filter((network) => network.mine);
  return {
    id: networkId(input, name),
    applied: input.memory.applied.includes(name),
    own: new Set([name, ...mine.map((network) => network.name)]),
  };
}

/** The id of the network of this name as it is now; absent while there is none. */
export function networkId({ world }: Pick<PlanInput, 'world'>, name: string): string | undefined {
  return world.networks.find((network) => network.name === name)?.id;
}

/** A fact that keeps a part from being as wanted, in words; no step can mend it. */
export interface Finding {
  readonly kind: 'foreign' | 'image' | 'unstable' | 'driver' | 'proxy' | 'image-moved' | 'step';
  readonly target: string;
  readonly message: string;
  /** It is the policy engine that is kept from being there: where no other decides, nobody can be asked. */
  readonly ofPolicyEngine?: true;
}
