/** What was counted of a canary and of the version beside it, in columns beside each other. Pure. */
import type { JudgedTrack, RolloutStatus } from '../../reconcilers/report/rollout-status.js';
import type { Paint } from '../basics/talk.js';
import { wrapped } from '../explain/wrapped.js';

export interface RolloutView {
  /** Columns that a line may take. */
  readonly width: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly paint: Paint;
  /** The manifest comes from git: a person changes it by a push. */
  readonly isFromGit: boolean;
}

export const INDENT = 2;
export const LABEL_WIDTH = 10;
/** What stands before the text of a line: `  verdict   `. */
export const TEXT_COLUMN = INDENT + LABEL_WIDTH;
const GAP = 2;

/** A column per track; below each other where they do not fit. */
export function trackLines({ canary, stable }: RolloutStatus, view: RolloutView): string[] {
  if (canary === undefined) return [];
  const cells = [cellsOf('canary', canary), ...(stable === undefined ? [] : [cellsOf('stable', stable)])];
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  const wide = TEXT_COLUMN + widths.reduce((sum, one) => sum + one + GAP, -GAP);
  const shown =
    wide <= view.width
      ? sideBySide(cells, widths, view)
      : cells.flatMap((column, index) => sideBySide([column], [widths[index] ?? 0], view));
  const note = wrapped(NOTE, { width: view.width, indent: TEXT_COLUMN });
  return [...shown, ...note.split('\n').map((line) => view.paint('dim', line))];
}

const NOTE = 'in brackets: what the true percentage may be, 95 % sure';
const LABELS = ['', 'requests', 'errors', 'slow'];

function sideBySide(
  columns: readonly (readonly string[])[],
  widths: readonly number[],
  { paint }: RolloutView,
): string[] {
  return LABELS.map((label, row) => {
    const text = columns
      .map((cells, column) => (cells[row] ?? '').padEnd(widths[column] ?? 0))
      .join(' '.repeat(GAP));
    return `${' '.repeat(INDENT)}${paint('dim', label.padEnd(LABEL_WIDTH))}${row === 0 ? paint('dim', text) : text}`;
  });
}

/** In the order of `LABELS`. */
function cellsOf(name: string, track: JudgedTrack): readonly string[] {
  const { version, requests, errors, slow } = track;
  return [
    version === undefined ? name : `${name} ${version}`,
    String(requests),
    countWords(errors, track.errorRatePercent, track.errorIntervalPercent),
    countWords(slow, track.slowPercent, track.slowIntervalPercent),
  ];
}

/** `3 = 0.24 % (0.03–0.91)`: in brackets where the true share is, at 95 %. */
function countWords(
  count: number,
  percent: number | undefined,
  interval: readonly [number, number] | undefined,
): string {
  if (percent === undefined) return String(count);
  const range = interval === undefined ? '' : ` (${interval.map((end) => end.toFixed(2)).join('–')})`;
  return `${String(count)} = ${percent.toFixed(2)} %${range}`;
}
