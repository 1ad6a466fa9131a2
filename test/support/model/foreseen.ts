/** Foresees what a loop of the model will do, as `swiftdeploy plan` does on the real engine. */
import { foresee, type Foresight } from '../../../src/reconcilers/foresee.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import type { Suspend } from '../../../src/reconcilers/plan/suspension.js';
import type { World } from '../../../src/reconcilers/observed/world.js';
import type { Decision } from '../../../src/reconcilers/policy/gate.js';
import type { ModelLoop } from './model-loop.js';

export interface Foreseeing {
  /** Default: nobody is asked, everything is allowed. */
  readonly ask?: (step: Step) => Decision;
  /** Throws what the engine would refuse; default: nothing. */
  readonly refuse?: (step: Step, world: World) => void;
  /** Default: those of the loop. */
  readonly suspends?: readonly Suspend[];
}

const UNASKED: Decision = { allow: true, answers: [], silent: false };

export async function foreseen(loop: ModelLoop, options: Foreseeing = {}): Promise<Foresight> {
  const { ask = () => UNASKED, refuse = () => undefined, suspends = loop.suspends } = options;
  const { now, world } = loop.input();
  const look = {
    state: { path: 'manifest.yaml', valid: true, problems: [], warnings: [] },
    stack: loop.stack,
    generation: 1,
    stackGeneration: 1,
    unsettled: false,
  };
  const nothing = () => undefined;
  const parts = {
    gate: {
      measureHost: nothing,
      prepare: nothing,
      ask: (_stack: unknown, step: Step) => Promise.resolve(ask(step)),
    },
    serve: () => loop.policy,
    refuse: (step: Step, known: World) => Promise.resolve().then(() => refuse(step, known)),
  };
  const state = { generation: 1, stackGeneration: 1, memory: loop.memory, drifts: [], denials: {} };
  const policy = { active: { revision: loop.policy.revision, files: [], domains: [] } };
  const { signal } = new AbortController();
  const { isRemoved } = loop;
  return foresee(parts, { now, look, suspends, isRemoved, state, world, policy, signal });
}
