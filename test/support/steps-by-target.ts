/**
 * Steps in a form that two ways of taking them share: by what they change, in their order. Replicas that get ready one by one
 * join one by one, and a removal that took longer than its tick may be asked for twice: repetitions count once. How often the
 * next routes are tested ahead depends on who gets ready when: that counts once, too. Ids of containers are nobody's choice.
 */
import type { Step } from '../../src/reconcilers/plan/steps.js';

export type Told = Pick<Step, 'kind' | 'target' | 'cause'> & { readonly question?: string };

/** What may be done in more than one go. */
export const REPEATED: readonly string[] = ['shiftTraffic', 'stageProxy'];

/** By target: `kind: cause`, the cause left out where it counts replicas. */
export function stepsByTarget(steps: readonly Told[]): Record<string, readonly string[]> {
  const byTarget: Record<string, string[]> = {};
  for (const { kind, target, cause } of steps) {
    const known = (byTarget[withoutId(target)] ??= []);
    const line = REPEATED.includes(kind) ? kind : `${kind}: ${withoutId(cause)}`;
    const isRepetition = kind === 'stageProxy' ? known.includes(line) : known.at(-1) === line;
    if (!isRepetition) known.push(line);
  }
  return Object.fromEntries(Object.entries(byTarget).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutId(text: string): string {
  return text.replace(/-old-[0-9a-z]{6}/g, '-old').replace(/(-policy-)(?:[0-9a-f]{8}|…)/g, '$1id');
}
