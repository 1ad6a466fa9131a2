/** How deep a YAML text nests, found without recursion. Pure. */
import { Lexer, Parser } from 'yaml';

/** Far more than anybody writes by hand, and far less than a recursion can take. */
const MOST_OPEN = 400;

/**
 * True as soon as more than 400 things are open. To be asked before a document is composed: that recurses, and where V8 has to
 * compile a regular expression with next to no stack left, it ends the process.
 */
export function nestsTooDeeply(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    if (parser.stack.length > MOST_OPEN) return true;
  }
  return false;
}
