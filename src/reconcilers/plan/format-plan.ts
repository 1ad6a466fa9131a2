/** A plan as text: the dry run, the debug log, and what the planner's tests compare. */
import type { Chain, Step } from './steps.js';

/** One line per step, `kind target: cause (question)`; the steps of one chain follow each other, indented. */
export function formatPlan(chains: readonly Chain[]): string {
  if (chains.length === 0) return 'nothing to do';
  return chains
    .map((chain) => chain.map((step, index) => `${index === 0 ? '- ' : '  '}${formatStep(step)}`).join('\n'))
    .join('\n');
}

export function formatStep(step: Step): string {
  const question = step.gate === undefined ? '' : ` (${step.gate.question})`;
  const drift = step.drift === undefined ? '' : ` [drift: ${step.drift}]`;
  return `${step.kind} ${step.target}: ${step.cause}${question}${drift}`;
}
