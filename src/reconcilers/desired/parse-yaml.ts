/** Text to a YAML 1.2 document, with every syntax error reported; knows nothing of what a manifest contains. */
import { isScalar, parseDocument, type Document, type ParsedNode, type YAMLError } from 'yaml';
import { nestsTooDeeply } from './nesting.js';
import { openQuote } from './open-quote.js';
import type { ProblemLog } from './problem-log.js';
import { YAML_SENTENCES } from './yaml-sentences.js';

const MAX_COMPLAINTS = 20;
const OPEN_QUOTE = 'opens a quote that is not closed: end the value with the same quote';

/** The document's root, or undefined after saying why there is none. */
export function parseYaml(text: string, problems: ProblemLog): ParsedNode | undefined {
  if (nestsTooDeeply(text)) {
    problems.error(undefined, 'is nested too deeply');
    return undefined;
  }
  const document = readDocument(text, problems);
  for (const { pos, code } of usefulComplaints(document)) {
    const open = openQuote(document, text, pos[0]);
    const sentence = open === undefined ? YAML_SENTENCES[code] : OPEN_QUOTE;
    problems.error({ offset: open ?? pos[0], path: '' }, sentence);
  }
  if (problems.hasErrors) return undefined;
  if (document.contents === null || isBlank(document.contents)) {
    problems.error(undefined, text.trim() === '' ? 'is empty' : 'has nothing but comments');
    return undefined;
  }
  return document.contents;
}

function readDocument(text: string, { lines }: ProblemLog): Document.Parsed {
  // Duplicate keys are found by our own walk: the parser's check is quadratic in the number of keys.
  const options = { version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false } as const;
  return parseDocument(text, { ...options, lineCounter: lines });
}

/** The first few: what follows a syntax error is mostly the parser finding its way back. */
function usefulComplaints({ errors, warnings }: Document.Parsed): YAMLError[] {
  return [...errors, ...warnings].slice(0, MAX_COMPLAINTS);
}

function isBlank(root: ParsedNode): boolean {
  return isScalar(root) && root.value === null && (root.source ?? '') === '';
}
