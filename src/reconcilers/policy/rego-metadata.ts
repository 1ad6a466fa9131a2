/** Finds the METADATA comments of a Rego file, and what each stands on. Knows strings and raw strings, nothing else of the language. */

export interface MetadataBlock {
  /** Of the line that says METADATA, from 1. */
  readonly row: number;
  /** Of that word, from 1. */
  readonly column: number;
  /** YAML: the lines below it, without their `#`. */
  readonly text: string;
  /** For each line of `text`, how many characters stand before it in the file. */
  readonly indents: readonly number[];
  /** What follows. */
  readonly subject: 'package' | 'decision' | 'other';
}

interface Comment {
  readonly row: number;
  /** Characters of its line before `text`. */
  readonly indent: number;
  readonly text: string;
  /** Offset behind its last character. */
  readonly end: number;
}

const TOKEN = /\n|#[^\n]*|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g;

/** In the order of the file. */
export function metadataBlocks(source: string): readonly MetadataBlock[] {
  return runs(commentLines(source)).flatMap((run) => {
    const start = run.findIndex(({ text }) => text.trim() === 'METADATA');
    const [head, ...lines] = start === -1 ? [] : run.slice(start);
    if (head === undefined) return [];
    const own = lines.map(withoutSpace);
    return [
      {
        row: head.row,
        column: head.indent + head.text.indexOf('METADATA') + 1,
        text: own.map((line) => line.text.trimEnd()).join('\n'),
        indents: own.map(({ indent }) => indent),
        subject: subjectAt(source, (lines.at(-1) ?? head).end),
      },
    ];
  });
}

/** The space between `#` and the YAML. */
function withoutSpace({ text, indent }: Comment): Pick<Comment, 'text' | 'indent'> {
  return text.startsWith(' ') ? { text: text.slice(1), indent: indent + 1 } : { text, indent };
}

/** Comments that have their line to themselves. */
function commentLines(source: string): readonly Comment[] {
  const found: Comment[] = [];
  let [row, lineStart] = [1, 0];
  for (const { 0: token, index } of source.matchAll(TOKEN)) {
    const end = index + token.length;
    const isOwnLine = token.startsWith('#') && source.slice(lineStart, index).trim() === '';
    if (isOwnLine) found.push({ row, indent: index + 1 - lineStart, text: token.slice(1), end });
    const breaks = token.startsWith('`') || token === '\n' ? token.split('\n').length - 1 : 0;
    row += breaks;
    if (breaks > 0) lineStart = index + token.lastIndexOf('\n') + 1;
  }
  return found;
}

/** Comments on lines that follow each other without a gap. */
function runs(comments: readonly Comment[]): readonly (readonly Comment[])[] {
  const found: Comment[][] = [];
  for (const comment of comments) {
    const run = found.at(-1);
    if (run?.at(-1)?.row === comment.row - 1) run.push(comment);
    else found.push([comment]);
  }
  return found;
}

function subjectAt(source: string, end: number): MetadataBlock['subject'] {
  const statement = source.slice(end).replace(/^(?:\s+|#[^\n]*)+/, '');
  if (/^package\s/.test(statement)) return 'package';
  return /^(?:default\s+)?decision\b/.test(statement) ? 'decision' : 'other';
}
