/** The goals of issue 6, each with what was measured. */
import { harmRatios, part, takenBackPart, wasTakenBack, type Row } from './figures.js';
import { DEADLINE_SECONDS } from './scenario.js';

export interface Goal {
  readonly claim: string;
  readonly measured: string;
  readonly goal: string;
  /** What the best rule there can be would reach; absent where nobody knows, or where it is no question. */
  readonly best?: string;
  readonly met: boolean;
}

const HARM_RATIO = 10;

export function goalsOf(rows: readonly Row[]): Goal[] {
  return rows.flatMap((row) => [...goalsOfRow(row), ...harmGoal(row)]);
}

function goalsOfRow(row: Row): Goal[] {
  const { name, kind, caughtWithin: requests, bakeSeconds } = row.scenario;
  if (kind === 'silent') return silence(row);
  if (name === '0.5 % errors' || name === '0.5 % slow' || name === '0.1 % errors')
    return [atMost(row, 0.005, 'rolled back')];
  if (row.scenario.outage !== undefined) return [atMost(row, 0.01, 'blamed on the canary')];
  if (name.startsWith('baseline and canary')) return [atMost(row, 0.01, 'blamed on the canary')];
  if (bakeSeconds !== undefined)
    return [kind === 'good' ? atMost(row, 0.005, 'rolled back') : rolledBack(row)];
  return requests === undefined ? [] : [caughtWithin(row, requests)];
}

function atMost({ scenario, ours }: Row, limit: number, what: string): Goal {
  const measured = takenBackPart(ours);
  return {
    claim: `${scenario.name}: ${what}`,
    measured: percent(measured),
    goal: `< ${percent(limit)}`,
    met: measured < limit,
  };
}

/** By the look that sees the last of these requests: the rest of its second came with it. */
function caughtWithin({ scenario, ours }: Row, requests: number): Goal {
  const measured = part(ours, ({ rolledBackAt, dueAt = Infinity }) => (rolledBackAt ?? Infinity) <= dueAt);
  return {
    claim: `${scenario.name}: caught by the look that sees canary request ${String(requests)}`,
    ...mostly(measured),
  };
}

function rolledBack({ scenario, ours }: Row): Goal {
  return { claim: `${scenario.name}: rolled back`, ...mostly(part(ours, wasTakenBack)) };
}

function mostly(measured: number): Pick<Goal, 'measured' | 'goal' | 'met'> {
  return { measured: percent(measured), goal: '>= 99 %', met: measured >= 0.99 };
}

function silence({ scenario, ours }: Row): Goal[] {
  const advanced = part(ours, ({ firstAdvanceAt }) => firstAdvanceAt !== undefined);
  const early = part(ours, ({ rolledBackAt }) => (rolledBackAt ?? Infinity) < DEADLINE_SECONDS);
  return [
    { claim: `${scenario.name}: advanced`, measured: percent(advanced), goal: 'never', met: advanced === 0 },
    {
      claim: `${scenario.name}: rolled back before the deadline`,
      measured: percent(early),
      goal: 'never',
      met: early === 0,
    },
  ];
}

function harmGoal(row: Row): Goal[] {
  const ratios = harmRatios(row);
  if (row.scenario.kind !== 'bad' || ratios === undefined) return [];
  const { ratio, most } = ratios;
  return [
    {
      claim: `${row.scenario.name}: Flagger's harm over ours`,
      measured: times(ratio),
      goal: `>= ${String(HARM_RATIO)} x`,
      ...(most === undefined ? {} : { best: times(most) }),
      met: ratio >= HARM_RATIO,
    },
  ];
}

function times(ratio: number): string {
  return `${ratio.toFixed(1)} x`;
}

export function percent(value: number): string {
  return `${(value * 100).toFixed(value > 0 && value < 0.01 ? 2 : 1)} %`;
}
