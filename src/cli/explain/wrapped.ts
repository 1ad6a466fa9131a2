/** A paragraph broken at spaces into lines that fit. Pure. */

export interface Box {
  /** Columns, the indentation included. */
  readonly width: number;
  readonly indent: number;
}

/** A word that is longer than a line stands alone on one. */
export function wrapped(text: string, { width, indent }: Box): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}
