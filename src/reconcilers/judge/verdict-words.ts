/** A verdict in words that a tired person understands: the policies' own reasons, or what the figures say, with what the policies warn of. Pure. */
import type { Verdict } from '../policy/answer.js';
import type { Decision } from '../policy/gate.js';
import type { CanaryFacts } from './canary-facts.js';

export function verdictWords(verdict: Verdict, { answers }: Decision, facts: CanaryFacts): string {
  const said = answers.flatMap(({ reasons }) => reasons.map(({ message }) => message));
  if (said.length > 0) return said.join('; ');
  const warned = answers.flatMap(({ warnings = [] }) => warnings.map(({ message }) => message));
  return `${[WORDS[verdict], ...warned].join(', ')}: ${figures(facts)}`;
}

const WORDS: Readonly<Record<Verdict, string>> = {
  advance: 'the canary is within its limits',
  hold: 'the canary is held where it is',
  rollback: 'the canary does harm',
  inconclusive: 'proven neither healthy nor harmful yet',
};

function figures({ canary: { requests, errors, slow } }: CanaryFacts): string {
  return `${String(requests)} requests, ${String(errors)} errors, ${String(slow)} slow`;
}
