/** The results as Markdown: for the terminal and for bench/judge.md. */
import {
  harmRatios,
  meanHarm,
  quantile,
  requestsUntilBack,
  secondsUntilAdvance,
  secondsUntilBack,
  takenBackPart,
  type Row,
} from './figures.js';
import { goalsOf, percent } from './goals.js';
import {
  BAD_SECONDS,
  BAKE_SECONDS,
  DEADLINE_SECONDS,
  HOLD_SECONDS,
  HORIZON_SECONDS,
  WEIGHTS,
} from './scenario.js';

const ROW_HEAD = [
  'versions',
  'kind',
  'rolled back: ours',
  'Flagger',
  'one strike',
  'fixed interval',
  'canary requests until back, since it goes wrong: median',
  '99 %',
  'seconds: median',
  '99 %',
  'first advance after, s',
  'harm: ours',
  'Flagger',
  'Flagger over ours',
  'best possible',
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
  const goals = goalsOf(rows).map(({ claim, measured, goal, best = '', met }) => [
    claim,
    measured,
    goal,
    best,
    met ? 'yes' : '**no**',
  ]);
  return table([['claim', 'measured', 'goal', 'best possible', 'met'], ...goals]);
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
- Ours looks every second. Each look with news is a question of its own, answered by \`data.swiftdeploy.canary.verdict\`, which is what \`decision\` says, with the facts that the controller would send, from its own sums. It is asked when an e-value passes one of the policy's thresholds for evidence, at each request that the canary fails alone, when a hold or the deadline is over, when the last 30 s pass a limit after that, and every 60 s in any case: nothing else can change its verdict. The seconds around a weight change, which the controller leaves out, are judged here.
- Rolled back is the part of all rollouts within the row's time (${String(HORIZON_SECONDS)} s; ${String(BAD_SECONDS)} s where the canary is bad, longer where that takes longer). Harm is the mean number of canary requests that failed or were slow until the weight was 0, or until the end of the row; Flagger's ends when it promotes, which is kind to it: a promoted bad version goes on failing.
- Caught by the look that sees canary request N: a look every second sees the rest of that second as well. A burst is one event, so a second with good answers among the bad is never enough alone (\`evidence/burst.ts\`): at 50 canary requests a second the first second has 60 of them or more in one rollout of ten, and the goal for 20 % errors is out of reach there.
- Flagger: its rule as in \`pkg/controller/scheduler.go\` of fluxcd/flagger, interval 60 s, threshold 5, success rate and latency over the last interval. It looks at its counter before it checks, so a canary that fails every check is rolled back after 360 s. One strike: ten looks at 100 requests each, one above 1 % is the end. Fixed interval: the 95 % Wilson bound of everything so far, looked at every second.
- A bake is of ${String(BAKE_SECONDS)} s, with all of the traffic, after ${String(WEIGHTS.length * HOLD_SECONDS)} s at the usual weights in which both versions had what the row says (the bad ones 0.1 % errors); the facts come from the controller's own sums. Nobody else judges after the promotion, so there is no rival.
- Best possible: a rule that blames a version at the limit in one rollout of a hundred needs ln 100 / KL(rate, limit) requests on average, even one that was told the rate (\`bench/judge/oracle.ts\`). Of these the rate's part fails; Flagger's harm over that is what nobody exceeds. Where traffic is so thin that Flagger's whole harm is a few requests, nothing is ten times less.`;

function cellsOf(row: Row): string[] {
  const { scenario, ours, rivals } = row;
  const requests = requestsUntilBack(ours);
  const seconds = secondsUntilBack(row);
  const { ratio, most } = (scenario.kind === 'bad' ? harmRatios(row) : undefined) ?? {};
  return [
    scenario.name,
    scenario.kind,
    percent(takenBackPart(ours)),
    ...['Flagger', 'one strike', 'fixed interval'].map((name) =>
      rivals[name] === undefined ? '' : percent(takenBackPart(rivals[name])),
    ),
    ...[
      quantile(requests, 0.5),
      quantile(requests, 0.99),
      quantile(seconds, 0.5),
      quantile(seconds, 0.99),
    ].map(whole),
    whole(quantile(secondsUntilAdvance(ours), 0.5)),
    meanHarm(ours).toFixed(1),
    ...[rivals['Flagger'] && meanHarm(rivals['Flagger']), ratio, most].map(tenths),
  ];
}

function tenths(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(1);
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
