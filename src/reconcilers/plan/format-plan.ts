/** A plan as text: the dry run, the debug log, and what the planner's tests compare. */
import type { Chain, Step } from './steps.js';

/** One line per step, `kind target: cause (question)`; the steps of one chain follow each other, indented. */
export function formatPlan(chains: readonly Chain[]): string {
  if (chains.length === 0) return 'nothing to do';
  return chains
    .map((chain) => chain.map((step, index) => `${index === 0 ? '- ' : '  '}${formatStep(step)}`).join('\n'))
    .join('\n');
}

export function formatStep({ kind, target, cause, gate, drift }: Step): string {
  return stepText({ kind, target, cause, question: gate?.question, drift });
}

/** The same of a step that is only told of. */
export function stepText({ kind, target, cause, ...rest }: ToldStep): string {
  const question = rest.question === undefined ? '' : ` (${rest.question})`;
  const drift = rest.drift === undefined ? '' : ` [drift: ${rest.drift}]`;
  return `${kind} ${target}: ${cause}${question}${drift}`;
}

export interface ToldStep extends Pick<Step, 'kind' | 'target' | 'cause'> {
  readonly question?: string | undefined;
  readonly drift?: string | undefined;
}
