/**
 * The conditions of a stack, after Kubernetes' conventions, and the rule by which they change.
 * Pure: the time comes in as `now`; nothing here decides which condition holds.
 */

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** How to read `True`: `positive` is good, `negative` is bad, `neutral` is neither. */
export type Polarity = 'positive' | 'negative' | 'neutral';

interface ConditionTypeDoc {
  readonly polarity: Polarity;
  readonly meaning: string;
  readonly absentWhen: string;
}

/** Every condition type, in the order in which they are written. */
export const CONDITION_TYPES = {
  Ready: {
    polarity: 'positive',
    meaning: 'The world is as the manifest says, and it serves.',
    absentWhen: 'never',
  },
  Reconciling: {
    polarity: 'negative',
    meaning: 'The controller is still changing the world towards the manifest.',
    absentWhen: 'never',
  },
  Stalled: {
    polarity: 'negative',
    meaning: 'No further progress without a person: the message says what to do.',
    absentWhen: 'never',
  },
  Suspended: {
    polarity: 'negative',
    meaning: 'A person, or the manifest, wants nothing to be changed: drift is told and not healed.',
    absentWhen: 'nothing is suspended',
  },
  ManifestValid: {
    polarity: 'positive',
    meaning: 'The manifest on disk can be read and obeys its schema; False keeps the last good one in force.',
    absentWhen: 'never',
  },
  SourceReady: {
    polarity: 'positive',
    meaning: 'The git ref that the manifest comes from was fetched, and its newest commit can be applied.',
    absentWhen: 'the manifest is a plain file',
  },
  SourceVerified: {
    polarity: 'positive',
    meaning: 'The newest commit is signed by a key that this host trusts; False keeps the last verified one.',
    absentWhen: 'no signature is asked for',
  },
  PolicyReady: {
    polarity: 'positive',
    meaning: 'The policy engine answers, and decides by the policies on disk.',
    absentWhen: 'never',
  },
  PolicyAllowed: {
    polarity: 'positive',
    meaning: 'The last answer of every question asked was allow; False names rule, observed value and limit.',
    absentWhen: 'no manifest has been valid yet',
  },
  InSync: {
    polarity: 'positive',
    meaning: 'The world is as it was last applied; False is drift, and the message names it.',
    absentWhen: 'no manifest has been valid yet',
  },
  Available: {
    polarity: 'positive',
    meaning: 'Every service has at least one replica that answers through the proxy.',
    absentWhen: 'the manifest has never been valid',
  },
  Progressing: {
    polarity: 'neutral',
    meaning:
      'A version is being rolled out; False with a reason of failure means that it did not get healthy.',
    absentWhen: 'no manifest has been valid yet',
  },
  CanaryHealthy: {
    polarity: 'positive',
    meaning:
      'The judge finds the canary no worse than its limits and its baseline; Unknown is too little traffic.',
    absentWhen: 'no service has a canary',
  },
  Promoted: {
    polarity: 'positive',
    meaning:
      'The stable track carries what the manifest says; False is a canary that waits for its promotion.',
    absentWhen: 'no service has a canary',
  },
} as const satisfies Readonly<Record<string, ConditionTypeDoc>>;

export type ConditionType = keyof typeof CONDITION_TYPES;

/** What a reconciler says about one condition now. */
export interface ConditionInput {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  /** One CamelCase word for machines. */
  readonly reason: string;
  /** A sentence that a tired person understands. */
  readonly message: string;
}

/** One condition as written to `status.json`. */
export interface Condition extends ConditionInput {
  /** The generation that this was observed of. */
  readonly observedGeneration: number;
  /** ISO 8601; changes only with `status`. */
  readonly lastTransitionTime: string;
}

const ORDER = Object.keys(CONDITION_TYPES);

/** The new conditions, in the order of `CONDITION_TYPES`; what `next` does not name vanishes, of doubles the last counts. */
export function setConditions(
  previous: readonly Condition[],
  next: readonly ConditionInput[],
  at: { readonly generation: number; readonly now: string },
): Condition[] {
  const byType = new Map(next.map((input) => [input.type, input]));
  const inputs = [...byType.values()].sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
  return inputs.map((input) => {
    const before = previous.find((condition) => condition.type === input.type);
    const { type, status, reason, message } = input;
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : at.now;
    return { type, status, reason, message, observedGeneration: at.generation, lastTransitionTime };
  });
}
