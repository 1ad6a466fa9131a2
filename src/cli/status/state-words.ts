/** The state of a stack in one line, and which of its conditions need a person's eyes. Pure. */
import { CONDITION_TYPES, type Condition } from '../../controller/conditions.js';
import type { Paint } from '../basics/talk.js';

export type Conditions = readonly Condition[];

export function isReady(conditions: Conditions): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Kinds of the summary follow kstatus: stalled before reconciling before ready. */
export function stateWords(conditions: Conditions, paint: Paint): string {
  const of = (type: Condition['type']) => conditions.find((condition) => condition.type === type);
  const [ready, stalled, reconciling] = [of('Ready'), of('Stalled'), of('Reconciling')];
  if (ready?.status === 'True') return `${paint('green', '✔ Ready')}: ${ready.message}`;
  if (stalled?.status === 'True')
    return `${paint('red', '✘ Stalled')} (${stalled.reason}): ${oneLine(stalled.message)}`;
  if (reconciling?.status === 'True')
    return `${paint('yellow', '… Reconciling')}: ${oneLine(reconciling.message)}`;
  return `${paint('red', '✘ not Ready')}: ${oneLine(ready?.message ?? 'nothing is known')}`;
}

/** What is not as it should be; the line of the state has said what `Ready` says. */
export function oddConditions(conditions: Conditions): Conditions {
  return conditions.filter((condition) => condition.type !== 'Ready' && needsAttention(condition));
}

/** By polarity; a neutral one needs attention only where it failed. A type of a newer version is shown. */
function needsAttention({ type, status, reason }: Condition): boolean {
  switch ((CONDITION_TYPES as Partial<Record<string, { polarity: string }>>)[type]?.polarity) {
    case 'positive':
      return status !== 'True';
    case 'negative':
      return status !== 'False';
    case 'neutral':
      return status === 'False' && /Fail/.test(reason);
    case undefined:
    default:
      return true;
  }
}

/** The first line; after a colon the others join it. */
export function oneLine(text: string): string {
  const [first = '', ...rest] = text.split('\n').map((line) => line.trim());
  return first.endsWith(':') && rest.length > 0 ? `${first} ${rest.join('; ')}` : first;
}
