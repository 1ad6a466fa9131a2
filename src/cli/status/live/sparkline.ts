/** Numbers as a row of bars. Pure. */

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The newest `width` values, the newest on the right; from 0 to the largest, or to `floor` if that is more. A gap is blank. */
export function sparkline(
  values: readonly (number | undefined)[],
  { width, floor = 0 }: { readonly width: number; readonly floor?: number },
): string {
  const shown = values.slice(-width);
  const top = Math.max(floor, ...shown.filter(isKnown));
  return shown
    .map((value) => bar(value, top))
    .join('')
    .padStart(width);
}

function bar(value: number | undefined, top: number): string {
  if (!isKnown(value)) return ' ';
  const level = top === 0 ? 0 : Math.round((value / top) * (BARS.length - 1));
  return BARS[Math.max(0, Math.min(BARS.length - 1, level))] ?? ' ';
}

function isKnown(value: number | undefined): value is number {
  return Number.isFinite(value);
}
