/** All that needs a person at once, each with its why; one trouble hides no other. Pure. */
import type { Finding } from '../plan/plan-input.js';

export interface Blocker {
  readonly reason: string;
  readonly message: string;
}

export interface BlockerFacts {
  /** Versions that failed, one sentence each. */
  readonly failures: readonly string[];
  readonly findings: readonly Finding[];
  readonly denials: readonly string[];
  /** Why there was nobody to ask. */
  readonly unasked: readonly string[];
  readonly unstable: readonly string[];
}

const FINDING_REASONS: Readonly<Partial<Record<Finding['kind'], string>>> = {
  foreign: 'NameOrPortTaken',
  image: 'ImageMissing',
  driver: 'NetworkDriver',
};

/** A message longer than this is read by nobody. */
const MOST_TOLD = 3;

/** Ordered: what a person must mend first comes first. */
export function blockersOf(facts: BlockerFacts): readonly Blocker[] {
  const { failures, findings, unstable } = facts;
  return [
    ...failures.map((failure) => ({
      reason: 'RolloutFailed',
      message: `${failure}; it is not tried again until the spec changes`,
    })),
    ...findings.flatMap(({ kind, message }) => {
      const reason = FINDING_REASONS[kind];
      return reason === undefined ? [] : [{ reason, message }];
    }),
    ...refusalsOf(facts),
    ...unstable.map((message) => ({ reason: 'Unstable', message })),
  ];
}

/** A "no" that nobody said is no policy's; who cannot be asked is missed once something has to be asked. */
function refusalsOf({ denials, unasked }: BlockerFacts): readonly Blocker[] {
  if (denials.length === 0 || unasked.length === 0)
    return denials.map((message) => ({ reason: 'PolicyDenied', message }));
  return unasked.map((message) => ({ reason: 'NobodyToAsk', message }));
}

/** The first sentences, and how many more there are; what is said twice is said once. */
export function listed(sentences: readonly string[], separator = '; '): string {
  const all = [...new Set(sentences)];
  const more = all.length - MOST_TOLD;
  return [...all.slice(0, MOST_TOLD), ...(more > 0 ? [`and ${String(more)} more`] : [])].join(separator);
}
