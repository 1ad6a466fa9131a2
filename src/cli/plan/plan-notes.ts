/** What else a reader of a plan must know, in sentences. Pure. */
import { hasFailed } from '../../reconcilers/plan/goals.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { bakeSeconds, bakes as isToBake } from '../../reconcilers/plan/bake.js';
import type { StackMemory } from '../../reconcilers/plan/memory.js';
import type { Suspend } from '../../reconcilers/plan/suspension.js';
import { rolloutWords } from '../../reconcilers/report/canary-conditions.js';
import { openRaise } from '../../reconcilers/report/served-share.js';
import { resumeWords, suspendWords } from '../../reconcilers/suspend/suspend-words.js';
import { standingOf } from '../rollout/standing.js';
import type { ExpectedPolicies } from './expected-policies.js';
import type { StandIn } from './stand-in.js';

export interface NoteFacts {
  readonly stack: StackSpec;
  readonly memory: StackMemory;
  readonly policies: ExpectedPolicies;
  readonly standIn?: Pick<StandIn, 'isChecked' | 'note'>;
  readonly suspends: readonly Suspend[];
  /** Why nothing of the stack is wished for any more. */
  readonly removal?: string | undefined;
  /** The manifest is not valid: the plan is for the last good one. */
  readonly isRefused?: boolean;
}

const LAST_GOOD =
  'the manifest is not valid: this is for the last good one, which stays in force until it is';

export function planNotes(facts: NoteFacts): readonly string[] {
  const { suspends, removal, isRefused } = facts;
  return [
    ...(isRefused === true ? [LAST_GOOD] : []),
    ...(suspends.length === 0 ? [] : [`${suspendWords(suspends)}; ${resumeWords(suspends)}`]),
    ...(removal === undefined ? ofServices(facts) : [removal]),
    ...ofPolicies(facts),
  ];
}

/** What was checked meanwhile is not assumed any more. */
function ofPolicies({ policies: { note, isUntested }, standIn }: NoteFacts): readonly string[] {
  const isKnown = isUntested === true && standIn?.isChecked === true;
  return [isKnown ? undefined : note, standIn?.note].filter((line) => line !== undefined);
}

function ofServices({ stack, memory }: NoteFacts): readonly string[] {
  return [...failedVersions(stack, memory), ...bakes(stack, memory), ...raises(stack, memory)];
}

/** More for a canary is no step of a plan: the policies have to say advance first. */
function raises({ services }: StackSpec, memory: StackMemory): readonly string[] {
  return services.flatMap((spec) => {
    const standing = standingOf(spec, memory.services[spec.name] ?? {});
    if (typeof standing === 'string' || openRaise(standing) === undefined) return [];
    return [`${spec.name}: ${rolloutWords(standing)}`];
  });
}

/** A plan ends where a bake begins, or is still on. */
function bakes({ services }: StackSpec, memory: StackMemory): readonly string[] {
  return services.flatMap((spec) => {
    const known = memory.services[spec.name] ?? {};
    if (known.rollout === undefined || !isToBake(spec, known)) return [];
    if (known.rollout.bake !== undefined)
      return [`${spec.name}: ${rolloutWords({ spec, rollout: known.rollout, stable: known.stable })}`];
    const seconds = String(bakeSeconds(spec));
    return [
      `${spec.name} ${spec.container.version} bakes for ${seconds} s after this, judged while the version before stands by; only then it is promoted for good`,
    ];
  });
}

function failedVersions({ services }: StackSpec, memory: StackMemory): readonly string[] {
  return services.flatMap((spec) => {
    const known = memory.services[spec.name] ?? {};
    if (known.failed === undefined || !hasFailed(spec, known)) return [];
    return [`${known.failed.message}; it is not tried again until the manifest changes it`];
  });
}
