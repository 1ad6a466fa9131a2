/** From conditions to an exit code: one rule for the loop of our own and for somebody else's. Pure. */
import type { Condition } from '../../controller/conditions.js';
import type { Outcome } from '../../controller/outcome.js';
import { EXIT } from '../basics/exit.js';

/** The exit code when there is nothing more to wait for; undefined while there is. */
export function verdictOf(conditions: readonly Condition[]): number | undefined {
  const is = (type: Condition['type'], status: Condition['status']) =>
    conditions.some((condition) => condition.type === type && condition.status === status);
  if (is('Ready', 'True')) return EXIT.ok;
  if (!is('Stalled', 'True') || isUnstableRollout(conditions) || isUnderWay(conditions)) return undefined;
  if (is('ManifestValid', 'False')) return EXIT.badManifest;
  return isDenied(conditions) ? EXIT.denied : EXIT.failed;
}

/** The same right after a tick of our own: one that changed something has not seen yet what that led to. */
export function verdictAfter(result: Outcome | Error, conditions: readonly Condition[]): number | undefined {
  const code = verdictOf(conditions);
  if (result instanceof Error) return code === EXIT.ok ? undefined : code;
  if (code === EXIT.ok) return result.kind === 'settled' ? code : undefined;
  return result.kind === 'progress' ? undefined : code;
}

/** Where there is nobody to ask, no policy said no: what keeps the policy engine from being there is what failed. */
function isDenied(conditions: readonly Condition[]): boolean {
  const found = conditions.find(({ type }) => type === 'PolicyAllowed');
  return found?.status === 'False' && found.reason !== 'NobodyToAsk';
}

/** A new version that crashes is given until its deadline: the verdict on it comes with its last words. */
function isUnstableRollout(conditions: readonly Condition[]): boolean {
  const of = (type: Condition['type']) => conditions.find((condition) => condition.type === type);
  return of('Stalled')?.reason === 'Unstable' && of('Progressing')?.status === 'True';
}

/** The rest of the stack is not left half way because one part of it waits for a person. */
function isUnderWay(conditions: readonly Condition[]): boolean {
  const found = conditions.find(({ type }) => type === 'Reconciling');
  return found?.status === 'True' && found.reason === 'Progressing';
}
