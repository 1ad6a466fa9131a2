/** How deep a YAML text nests, found without recursion. Pure. */
import { Lexer, Parser } from 'yaml';

/**
 * True as soon as more than `levels` things are open. To be asked before a document is composed: that recurses, and where V8 has to
 * compile a regular expression with next to no stack left, it ends the process.
 */
export function nestsDeeperThan(levels: number, text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    if (parser.stack.length > levels) return true;
  }
  return false;
}
