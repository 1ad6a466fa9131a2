/** A section of the report: a heading, and a table or a sentence that says why there is none. Pure. */
import { markdownTable } from './markdown.js';
import { counted } from './words.js';

export interface Section {
  readonly title: string;
  /** Markdown above the table. */
  readonly before?: string;
  readonly head: readonly string[];
  /** Plain text. */
  readonly rows: readonly (readonly string[])[];
  /** How many older rows are left out. */
  readonly omitted?: number;
  /** Said where there are no rows. */
  readonly none: string;
}

export function sectionText({ title, before, head, rows, omitted = 0, none }: Section): string {
  const blocks = [
    `## ${title}`,
    ...(before === undefined ? [] : [before]),
    ...(omitted === 0
      ? []
      : [
          `${counted(omitted, 'earlier row is', 'earlier rows are')} left out; \`swiftdeploy events\` has all of them.`,
        ]),
    rows.length === 0 ? none : markdownTable(head, rows),
  ];
  return blocks.join('\n\n');
}
