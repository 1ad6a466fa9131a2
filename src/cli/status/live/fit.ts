/** Which lines of which section a screen of so many rows shows. Pure. */

export interface Section {
  /** From top to bottom. */
  readonly lines: readonly string[];
  /** With fewer rows than this the section is left out. */
  readonly least: number;
  /** Who gets rows first: the lowest. */
  readonly rank: number;
  /** Belongs to the section above: no blank line before it. */
  readonly follows?: true;
  /** There is always more of it: it takes what the others leave. */
  readonly isEndless?: true;
  /** At most so many of its lines; without it the first ones, and how many more there are. */
  readonly cut?: (rows: number) => readonly string[];
}

/** At most `rows` lines in the order of the sections; blank lines between them where nothing is lost by that. */
export function fit(sections: readonly Section[], rows: number): readonly string[] {
  const present = sections.filter(({ lines }) => lines.length > 0);
  const least = leastRows(present, rows);
  const shown = present.filter((section) => least.has(section));
  const isApart = ({ follows }: Section, index: number) => index > 0 && follows === undefined;
  const blanks = shown.filter(isApart).length;
  const wanted = shown.map((section) => (section.isEndless === true ? section.least : section.lines.length));
  const isAiry = sum(wanted) + blanks <= rows;
  const granted = extended(least, rows - sum([...least.values()]) - (isAiry ? blanks : 0));
  return shown.flatMap((section, index) => {
    const lines = cutTo(section, granted.get(section) ?? 0);
    return isAiry && isApart(section, index) ? ['', ...lines] : lines;
  });
}

type Grants = ReadonlyMap<Section, number>;

function leastRows(sections: readonly Section[], rows: number): Grants {
  const granted = new Map<Section, number>();
  let left = rows;
  for (const section of byRank(sections)) {
    const least = Math.min(section.least, section.lines.length);
    if (least > left) continue;
    granted.set(section, least);
    left -= least;
  }
  return granted;
}

function extended(least: Grants, rows: number): Grants {
  const granted = new Map(least);
  let left = rows;
  for (const section of byRank([...least.keys()])) {
    const had = least.get(section) ?? 0;
    const more = Math.min(left, section.lines.length - had);
    granted.set(section, had + more);
    left -= more;
  }
  return granted;
}

function byRank(sections: readonly Section[]): readonly Section[] {
  return sections.toSorted((left, right) => left.rank - right.rank);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function cutTo({ lines, cut = (count) => firstOf(lines, count) }: Section, rows: number): readonly string[] {
  return lines.length <= rows ? lines : cut(rows);
}

/** The last of `rows` lines says how many are missing. */
export function firstOf(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const shown = lines.slice(0, Math.max(0, rows - 1));
  return [...shown, moreWords(lines.length - shown.length)];
}

export function moreWords(count: number): string {
  return `  +${String(count)} more`;
}
