/** What suspends bring to the conditions: that they are there, and that something waits for their end. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import type { Plan } from '../plan/plan.js';
import type { Suspend } from '../plan/suspension.js';
import { resumeWords, suspendWords, withheldWords } from './suspend-words.js';

/** None while nothing is suspended. */
export function suspendedCondition(suspends: readonly Suspend[] = []): ConditionInput[] {
  if (suspends.length === 0) return [];
  const reason = suspends.some(({ by }) => by === 'person') ? 'ByPerson' : 'ByManifest';
  return [{ type: 'Suspended', status: 'True', reason, message: suspendWords(suspends) }];
}

/** Why nothing goes on, where it is for that alone. */
export function suspendedStall(plan: Plan | undefined): string | undefined {
  const suspension = plan?.suspension;
  if (suspension?.isAllThatIsLeft !== true) return undefined;
  const { suspends } = suspension;
  return `${suspendWords(suspends)}; ${withheldWords(suspension)}; ${resumeWords(suspends)}`;
}
