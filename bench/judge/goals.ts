/** The goals of issue 6, each with what was measured. */
import { meanHarm, part, takenBackPart, type Row } from './figures.js';
import type { Outcome } from './outcome.js';
import { DEADLINE_SECONDS } from './scenario.js';

export interface Goal {
  readonly claim: string;
  readonly measured: string;
  readonly goal: string;
  readonly met: boolean;
}

const HARM_RATIO = 10;

export function goalsOf(rows: readonly Row[]): Goal[] {
  return rows.flatMap((row) => [...goalsOfRow(row), ...(row.scenario.kind === 'bad' ? [harmGoal(row)] : [])]);
}

function goalsOfRow(row: Row): Goal[] {
  const { name, kind, requestsPerSecond } = row.scenario;
  if (kind === 'silent') return silence(row);
  if (name === '0.5 % errors' || name === '0.5 % slow' || name === '0.1 % errors')
    return [atMost(row, 0.005, 'rolled back')];
  if (row.scenario.outage !== undefined) return [atMost(row, 0.01, 'blamed on the canary')];
  if (name.startsWith('baseline and canary')) return [atMost(row, 0.01, 'blamed on the canary')];
  const tick = (requestsPerSecond * (row.scenario.weights[0] ?? 0)) / 100;
  if (name.startsWith('5 % errors') && !name.includes('bursts')) return [caughtWithin(row, 500, tick)];
  if (name.startsWith('20 % errors') && !name.includes('after')) return [caughtWithin(row, 60, tick)];
  if (name.startsWith('100 % errors')) return [deadCaught(row)];
  return [];
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

/** A look every second cannot see fewer requests than a second brings: that many are allowed on top. */
function caughtWithin({ scenario, ours }: Row, requests: number, tick: number): Goal {
  const measured = part(ours, (one) => one.rolledBackAt !== undefined && one.requests <= requests + tick);
  return {
    claim: `${scenario.name}: caught within ${String(requests)} canary requests plus one tick`,
    measured: percent(measured),
    goal: '>= 99 %',
    met: measured >= 0.99,
  };
}

function deadCaught({ scenario, ours }: Row): Goal {
  const measured = part(ours, isCaughtAfterFive);
  return {
    claim: `${scenario.name}: caught within 5 canary requests plus one tick`,
    measured: percent(measured),
    goal: '>= 99 %',
    met: measured >= 0.99,
  };
}

function isCaughtAfterFive({ rolledBackAt, fifthRequestAt }: Outcome): boolean {
  return rolledBackAt !== undefined && rolledBackAt <= (fifthRequestAt ?? Infinity) + 1;
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

function harmGoal({ scenario, ours, rivals }: Row): Goal {
  const ratio = meanHarm(rivals['Flagger']) / Math.max(meanHarm(ours), Number.MIN_VALUE);
  return {
    claim: `${scenario.name}: Flagger's harm over ours`,
    measured: `${ratio.toFixed(1)} x`,
    goal: `>= ${String(HARM_RATIO)} x`,
    met: ratio >= HARM_RATIO,
  };
}

export function percent(value: number): string {
  return `${(value * 100).toFixed(value > 0 && value < 0.01 ? 2 : 1)} %`;
}
