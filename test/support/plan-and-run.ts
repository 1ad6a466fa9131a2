/** `plan`, then `run`, in one folder without another controller: the steps that the one prints against those that the other takes. */
import { expect } from 'vitest';
import type { PlanDocument } from '../../src/cli/plan/plan-document.js';
import { REPEATED, stepsByTarget, type Told } from './steps-by-target.js';
import type { CommandLine } from './swiftdeploy.js';

export class PlanAndRun {
  /** `args`: of every `run`. */
  constructor(
    private readonly cli: CommandLine,
    private readonly args: readonly string[] = [],
  ) {}

  planned(...args: readonly string[]): Promise<PlanDocument> {
    return this.plannedTo(0, ...args);
  }

  /** What was planned by a command that ends with `expected`. */
  async plannedTo(expected: number, ...args: readonly string[]): Promise<PlanDocument> {
    const { code, stdout, stderr } = await this.cli.run('plan', '-o', 'json', ...args);
    expect(code, stderr).toBe(expected);
    return JSON.parse(stdout) as PlanDocument;
  }

  /** Until it ends with `expected`; the steps as they were taken. */
  async run(expected = 0): Promise<readonly Told[]> {
    const { code, stdout, stderr } = await this.cli.run('run', '--once', '--log', 'json', ...this.args);
    expect(code, stderr + stdout).toBe(expected);
    return stepsTold(stdout + stderr);
  }

  /** Plans, runs, compares; what was planned. */
  async expectPlanned(): Promise<PlanDocument> {
    const plan = await this.planned();
    await this.expectTaken(plan);
    return plan;
  }

  /** Runs, and compares with what was planned before; nothing is left then. */
  async expectTaken(plan: PlanDocument): Promise<void> {
    expectSteps(plan, await this.run());
    expect(plan.end).toBe('converged');
    const after = await this.planned();
    expect(after).toMatchObject({
      changes: false,
      stages: [],
      services: after.services.map(() => ({ change: 'none' })),
    });
  }
}

/** The steps that were taken, of what `run --log json` printed. */
export function stepsTold(log: string): readonly Told[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  return lines
    .map((line) => JSON.parse(line) as Told & { readonly msg: string })
    .filter(({ msg }) => msg === 'step done');
}

/** The same steps on the same targets, in the same stages. */
export function expectSteps(plan: PlanDocument, taken: readonly Told[]): void {
  expect(comparable(stepsOf(plan), taken)).toEqual(comparable(taken, stepsOf(plan)));
  expectInStages(plan, taken);
}

function stepsOf({ stages }: PlanDocument) {
  return stages.flatMap(({ chains }) => chains.flat());
}

export function kindsOf(plan: PlanDocument): readonly string[] {
  return stepsOf(plan).map(({ kind }) => kind);
}

/** Routes are tested ahead while something is waited for: when it comes at once that is skipped, and a run that starts has no answer yet. */
function comparable(steps: readonly Told[], others: readonly Told[]): Record<string, readonly string[]> {
  const isStaged = others.some(({ kind }) => kind === 'stageProxy');
  return stepsByTarget(steps.filter(({ kind }) => isStaged || kind !== 'stageProxy'));
}

/** Everything of one stage was done before anything of the next. */
function expectInStages({ stages }: PlanDocument, taken: readonly Told[]): void {
  const order = taken.map(({ kind, target }) => key(kind, target));
  const places = stages.map(({ chains }) =>
    chains
      .flat()
      .filter(({ kind }) => !REPEATED.includes(kind))
      .map(({ kind, target }) => order.indexOf(key(kind, target))),
  );
  const flat = places.filter((stage) => stage.length > 0);
  for (const [index, stage] of flat.slice(1).entries())
    expect(Math.min(...stage), order.join('\n')).toBeGreaterThan(Math.max(...(flat[index] ?? [])));
}

function key(kind: string, target: string): string {
  return `${kind} ${target}`.replace(/(-policy-)(?:[0-9a-f]{8}|…)/, '$1id');
}
