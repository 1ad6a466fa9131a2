/** Where a quote opens that is closed nowhere: the parser complains at the end of what it swallowed, which may be the file's. Pure. */
import { visit, type Document, type Range } from 'yaml';

/** The offset of the open quote whose text ends at `end`, if that is what is wrong there. */
export function openQuote(document: Document.Parsed, text: string, end: number): number | undefined {
  let found: number | undefined;
  visit(document, {
    Scalar(_key, { type, range }) {
      const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (!isQuoted || !range || range[1] !== end || isClosed(text, range)) return undefined;
      found = range[0];
      return visit.BREAK;
    },
  });
  return found;
}

function isClosed(text: string, [start, end]: Range): boolean {
  return end - start > 1 && text[end - 1] === text[start];
}
