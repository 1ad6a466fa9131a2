/** What a benchmark is, and what it hands to the report: claims, each a ratio of two sides of one run. */

/** One line of the table. */
export interface Row {
  readonly claim: string;
  /** With its unit, and with what was counted. */
  readonly ours: string;
  readonly other: string;
  /** Ours over the other's; over the limit where there is no other side. Absent where nothing can be divided. */
  readonly ratio?: number;
  readonly goal: string;
  readonly met: boolean;
}

export interface Benchmark {
  readonly name: string;
  /** How it is measured, in a sentence or two, for who reads the results. */
  readonly how: string;
  /** Rejects with `MissingTool` where the machine lacks something; leaves nothing behind in any case. */
  readonly run: () => Promise<readonly Row[]>;
}

/** The benchmark was not run: that is reported, and never counts as met. */
export class MissingTool extends Error {}

/** Ours over theirs against the highest ratio that keeps the promise. */
export function ratioRow(claim: string, sides: Sides, highest: number): Row {
  const ratio = sides.ours / sides.other;
  return {
    claim,
    ours: sides.show(sides.ours),
    other: sides.show(sides.other),
    ratio,
    goal: `<= ${String(highest)}`,
    met: ratio <= highest,
  };
}

/** Against a number that was promised, where there is no other side to run. */
export function limitRow(claim: string, value: number, { highest, show, note = '' }: Limit): Row {
  return {
    claim,
    ours: `${show(value)}${note}`,
    other: `limit ${show(highest)}`,
    ratio: value / highest,
    goal: '<= 1',
    met: value <= highest,
  };
}

export interface Limit {
  readonly highest: number;
  readonly show: (value: number) => string;
  readonly note?: string;
}

export interface Sides {
  readonly ours: number;
  readonly other: number;
  readonly show: (value: number) => string;
}

export function milliseconds(ms: number): string {
  return ms < 10_000 ? `${ms.toPrecision(ms < 1000 ? 3 : 4)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = sorted.length % 2 === 1 ? sorted.slice(middle) : sorted.slice(middle - 1);
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}
