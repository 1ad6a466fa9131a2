/** Steps that are done again and again on the way to one that fails: they are told the first time. */
import type { StepResult } from '../../reconcilers/apply/apply.js';
import { formatStep } from '../../reconcilers/plan/format-plan.js';
import type { Step } from '../../reconcilers/plan/steps.js';

export class RetriedSteps {
  /** By target, the kind of its step that failed last. */
  private readonly failing = new Map<string, Step['kind']>();
  /** What was done, since a step that failed went well. */
  private readonly done = new Set<string>();

  /** Whether this was done before, on the way to a step that failed since and has not gone well yet. */
  isRetry({ kind, step }: StepResult): boolean {
    const failing = this.failing.get(step.target);
    return (
      kind === 'done' && failing !== undefined && failing !== step.kind && this.done.has(formatStep(step))
    );
  }

  note({ kind, step }: StepResult): void {
    if (kind === 'failed') this.failing.set(step.target, step.kind);
    if (kind !== 'done') return;
    if (this.failing.get(step.target) === step.kind) {
      this.failing.delete(step.target);
      this.done.clear();
    }
    this.done.add(formatStep(step));
  }
}
