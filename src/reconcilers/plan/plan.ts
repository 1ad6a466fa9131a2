/** What a tick is to do and what it found, as planning returns it. */
import type { StackMemory } from './memory.js';
import type { Finding } from './plan-input.js';
import type { ServicePlan } from './plan-service.js';
import type { Chain } from './steps.js';
import type { Suspension } from './suspension.js';

export interface Plan {
  /** Independent of each other; the steps of one follow each other. */
  readonly chains: readonly Chain[];
  readonly findings: readonly Finding[];
  readonly services: readonly ServicePlan[];
  readonly memory: StackMemory;
  /** The names of all containers that should be there. */
  readonly wanted: readonly string[];
  /** Nothing to do, nothing on its way. */
  readonly converged: boolean;
  /** Services that the manifest has no more and that are still there. */
  readonly leaving: readonly string[];
  /** Targets of the steps that bring the policy engine about: while one of them fails, there may be nobody to ask. */
  readonly deciding: readonly string[];
  /** Policies are on trial, or their engine takes over from another: what was denied is asked anew. */
  readonly isAskedAnew: boolean;
  /** When to look again though nothing will tell; epoch milliseconds. */
  readonly wakeAt?: number;
  /** Present while something is suspended. */
  readonly suspension?: Suspension;
}
