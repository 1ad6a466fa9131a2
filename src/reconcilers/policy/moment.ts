/** The facts that are the same for whatever is asked at one moment: the time, and the revision that is reconciled. */
import type { GateFacts } from './policy-input.js';
import { sourceFact, type RevisionSource } from './source-fact.js';
import { timeFact } from './time-fact.js';

export interface MomentOptions {
  readonly source?: RevisionSource;
  /** The controller's clock; by default the process's own. */
  readonly clock?: () => Date;
}

/** What is not known now is absent. */
export function momentFacts({
  source = () => undefined,
  clock = () => new Date(),
}: MomentOptions): Pick<GateFacts, 'time' | 'source'> {
  const time = timeFact(clock());
  const revision = source();
  return {
    ...(time === undefined ? {} : { time }),
    ...(revision === undefined ? {} : { source: sourceFact(revision) }),
  };
}
