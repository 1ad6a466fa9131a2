/** What is wrong with a data file in JSON, and where: OPA names neither row nor column, and of a key that is there twice it takes the last. */
import { printParseErrorCode, visit, type JSONVisitor } from 'jsonc-parser';
import { PolicySetError } from './policy-set-error.js';

/** Far more than anybody writes by hand, and far less than a recursion can take. */
const MOST_OPEN = 400;

/** Throws a `PolicySetError` for the first fault. */
export function checkJson(file: string, text: string): void {
  visit(text, faultFinder(file), { disallowComments: true });
}

/** Where something is, as the parser tells it: lines and characters from 0. */
type Span = [offset: number, length: number, line: number, character: number, ...unknown[]];

function faultFinder(file: string): JSONVisitor {
  /** Keys so far of each object, and of each list none, that is open. */
  const open: Set<string>[] = [];
  const refuse = (sentence: string, [, , line, character]: Span): never => {
    throw new PolicySetError('bad-data', file, sentence, { row: line + 1, column: character + 1 });
  };
  const begin = (...span: Span): void => {
    if (open.push(new Set()) > MOST_OPEN) refuse('is nested too deeply', span);
  };
  const end = () => void open.pop();
  return {
    onObjectBegin: begin,
    onObjectEnd: end,
    onArrayBegin: begin,
    onArrayEnd: end,
    onObjectProperty: (key, ...span) => {
      const keys = open.at(-1);
      if (keys?.has(key) === true) refuse(`the key ${JSON.stringify(key)} is there twice`, span);
      keys?.add(key);
    },
    onError: (code, ...span) => refuse(`is no JSON: ${wordsOf(printParseErrorCode(code))}`, span),
  };
}

/** `ValueExpected` as `value expected`. */
function wordsOf(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
