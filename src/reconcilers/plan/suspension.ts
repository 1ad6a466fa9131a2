/** That somebody wants to be left alone, and what it withholds. */
import type { Chain } from './steps.js';

/** One word that nothing is to be changed. */
export interface Suspend {
  readonly by: 'manifest' | 'person';
  /** Absent: the whole stack. */
  readonly service?: string;
  /** `user@host`; a person's only. */
  readonly who?: string;
  readonly why?: string;
  /** ISO 8601. */
  readonly since: string;
  /** When it ends by itself, ISO 8601; absent: when somebody ends it. */
  readonly until?: string;
}

export interface Suspension {
  readonly suspends: readonly Suspend[];
  /** Of the plan's chains, those that are not applied. */
  readonly withheld: readonly Chain[];
  /** Steps are due, and all of them are withheld; what is only waited for is not due. */
  readonly isAllThatIsLeft: boolean;
}
