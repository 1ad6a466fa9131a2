/** Splits a command line into words as a POSIX shell does, quotes and backslashes honoured, nothing expanded. */

const WORD_PART = /\s+|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/gy;

/** The words, or undefined where a quote is not closed or a backslash ends the line. */
export function splitCommand(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let read = 0;
  for (const [part, single, double, escaped, plain] of line.matchAll(WORD_PART)) {
    read += part.length;
    const text = single ?? (double === undefined ? undefined : unescapeDouble(double)) ?? escaped ?? plain;
    if (text !== undefined) {
      word = (word ?? '') + text;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return read === line.length ? words : undefined;
}

/** Inside double quotes a backslash escapes only what a shell would treat specially there. */
function unescapeDouble(text: string): string {
  return text.replace(/\\(["\\$`])/g, '$1').replace(/\\\n/g, '');
}
