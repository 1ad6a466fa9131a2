/** Rows under a head, in columns as wide as their widest cell; colours take no room. Pure. */
import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './talk.js';

/** One line per row, the head first. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): readonly string[] {
  const widths = head.map((name, column) =>
    Math.max(...[[...head], ...rows].map((row) => widthOf(row[column] ?? name))),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  ')}`.trimEnd();
  return [paint('dim', line(head)), ...rows.map(line)];
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
