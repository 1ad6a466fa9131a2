/** The results as Markdown: for the terminal and for bench/judge.md. */
import {
  meanHarm,
  quantile,
  requestsUntilBack,
  secondsUntilAdvance,
  secondsUntilBack,
  takenBackPart,
  type Row,
} from './figures.js';
import { goalsOf, percent } from './goals.js';
import { DEADLINE_SECONDS, HOLD_SECONDS } from './scenario.js';

const ROW_HEAD = [
  'versions',
  'kind',
  'rolled back: ours',
  'Flagger',
  'one strike',
  'fixed interval',
  'canary requests until back: median',
  '99 %',
  'seconds: median',
  '99 %',
  'first advance after, s',
  'harm: ours',
  'Flagger',
];

export interface Circumstances {
  readonly rollouts: number;
  readonly seed: number;
  readonly thresholds: Readonly<Record<string, unknown>>;
  readonly questions: number;
  readonly seconds: number;
}

export function rowTable(rows: readonly Row[]): string {
  return table([ROW_HEAD, ...rows.map(cellsOf)]);
}

export function goalTable(rows: readonly Row[]): string {
  const goals = goalsOf(rows).map(({ claim, measured, goal, met }) => [
    claim,
    measured,
    goal,
    met ? 'yes' : '**no**',
  ]);
  return table([['claim', 'measured', 'goal', 'met'], ...goals]);
}

export function page(rows: readonly Row[], circumstances: Circumstances): string {
  const { rollouts, seed, thresholds, questions, seconds } = circumstances;
  const paragraphs = [
    '# Judging a canary',
    `Written by \`npm run bench:judge\`: ${String(rollouts)} simulated rollouts a row, seeds from ${String(seed)} on, ${String(questions)} questions answered by the shipped policy in the shipped OPA image within ${seconds.toFixed(0)} s. Thresholds: \`${JSON.stringify(thresholds)}\`.`,
    '## Goals',
    goalTable(rows),
    '## Rows',
    rowTable(rows),
    '## How it was measured',
    HOW,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

const HOW = `- 100 requests a second, weights 5, 25, 50 %, a hold of ${String(HOLD_SECONDS)} s each, a deadline of ${String(DEADLINE_SECONDS)} s, both versions with 0.1 % errors and 0.1 % slow ones, unless the row says otherwise. Arrivals are Poisson; the same seed gives every rule the same traffic as long as it gives the canary the same weight.
- Ours looks every second. Each look with news is a question of its own, put to \`data.swiftdeploy.canary.decision\` with the facts that the controller would send; the windows of the last seconds are left out (the shipped policy reads them only where stable has just lost its share). While every e-value stays between the same two marks (half decades from 1 up, and the policy's own thresholds), the last 30 s on the same side of the limits and no clock runs out, it is asked every 30 s only. The seconds around a weight change, which the controller leaves out, are judged here.
- Rolled back is the part of all rollouts within the row's time (${String(300)} s, longer where traffic is thin). Harm is the mean number of canary requests that failed or were slow until the weight was 0, or until the end of the row; Flagger's ends when it promotes, which is kind to it: a promoted bad version goes on failing.
- Flagger: its rule as in \`pkg/controller/scheduler.go\` of fluxcd/flagger, interval 60 s, threshold 5, success rate and latency over the last interval; rolled back with the fifth failed check, one interval before the original. One strike: ten looks at 100 requests each, one above 1 % is the end. Fixed interval: the 95 % Wilson bound of everything so far, looked at every second.
- What no rule can do: one that blames a version at the limit in one rollout of a hundred needs ln 100 / KL(rate, limit) requests on average: 112 at 5 % errors, 1,180 at 2 %. Flagger's five minutes are 1,500 canary requests at a weight of 5 %, so that its harm over ours is at most 13 and 1.3 there; more traffic, not another rule, makes the difference larger. And where traffic is so thin that its whole harm is a few requests, nothing is ten times less.`;

function cellsOf({ scenario, ours, rivals }: Row): string[] {
  const requests = requestsUntilBack(ours);
  const seconds = secondsUntilBack(ours);
  return [
    scenario.name,
    scenario.kind,
    percent(takenBackPart(ours)),
    ...['Flagger', 'one strike', 'fixed interval'].map((name) => percent(takenBackPart(rivals[name]))),
    ...[
      quantile(requests, 0.5),
      quantile(requests, 0.99),
      quantile(seconds, 0.5),
      quantile(seconds, 0.99),
    ].map(whole),
    whole(quantile(secondsUntilAdvance(ours), 0.5)),
    meanHarm(ours).toFixed(1),
    meanHarm(rivals['Flagger']).toFixed(1),
  ];
}

function whole(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(0);
}

function table(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const lines = cells.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [lines[0], line(widths.map((width) => '-'.repeat(width))), ...lines.slice(1)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
