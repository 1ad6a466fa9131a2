/** The results as one Markdown page: the same table for the terminal and for bench/results.md. */
import { cpus } from 'node:os';
import { docker } from '../test/support/engine.js';
import type { Benchmark, Row } from './benchmark.js';

export interface Result {
  readonly benchmark: Benchmark;
  readonly rows: readonly Row[];
  /** Why there are no rows. */
  readonly notRun?: string;
}

const HEAD = ['claim', 'ours', 'other side', 'ratio', 'goal', 'met'];

export function table(results: readonly Result[]): string {
  const cells = [
    HEAD,
    ...results.flatMap(({ benchmark, rows, notRun }) =>
      notRun === undefined ? rows.map(cellsOf) : [[benchmark.name, '', '', '', '', `not run: ${notRun}`]],
    ),
  ];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [lines[0], line(widths.map((width) => '-'.repeat(width))), ...lines.slice(1)].join('\n');
}

export async function page(results: readonly Result[]): Promise<string> {
  const how = results.map(({ benchmark: { name, how } }) => `- **${name}**: ${how}`);
  return (
    [
      '# Results',
      `Written by \`npm run bench\` on ${new Date().toISOString()}: ${await machine()}.`,
      'Every claim is a ratio of two sides measured beside each other in one run; the milliseconds belong to this machine.',
      table(results),
      '## How it was measured',
      'All stacks decide by the shipped policies, except that `max_cpu_load_per_core` is 100: the benchmark itself is what loads the host.',
      how.join('\n'),
      ...(process.env['BENCH_NOTE'] === undefined ? [] : [`Note: ${process.env['BENCH_NOTE']}`]),
    ].join('\n\n') + '\n'
  );
}

function cellsOf({ claim, ours, other, ratio, goal, met }: Row): string[] {
  return [claim, ours, other, ratio === undefined ? '' : ratio.toFixed(2), goal, met ? 'yes' : '**no**'];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

async function machine(): Promise<string> {
  const [processor] = cpus();
  const { Version } = (await docker.version()) as { readonly Version: string };
  const cores = `${String(cpus().length)} cores (${processor?.model.trim() ?? 'unknown'})`;
  return `${cores}, Docker Engine ${Version}, Node.js ${process.versions.node}`;
}
