/** Where in a data file the fault is for which OPA did not load it: of YAML it names a line at most, and that not always the right one. Pure. */
import { LineCounter, parseDocument } from 'yaml';
import { nestsTooDeeply } from '../desired/nesting.js';
import type { PolicyProblem } from './check-policies.js';
import type { PolicyFile } from './policy-files.js';
import type { PlaceInFile } from './policy-set-error.js';

/** The problem with its place, where that can be told. */
export function withDataPlace(problem: PolicyProblem, files: readonly PolicyFile[]): PolicyProblem {
  const file = files.find(({ path }) => path === problem.file);
  if (problem.code !== 'data_not_loaded' || file === undefined) return problem;
  return { ...problem, ...(yamlFault(file) ?? namedLine(problem)) };
}

function yamlFault({ path, content }: PolicyFile): PlaceInFile | undefined {
  const text = content.toString('utf8');
  if (!/\.ya?ml$/.test(path) || nestsTooDeeply(text)) return undefined;
  const lineCounter = new LineCounter();
  const [error] = parseDocument(text, { lineCounter, prettyErrors: false }).errors;
  if (error === undefined) return undefined;
  const { line, col } = lineCounter.linePos(error.pos[0]);
  return { row: line, column: col };
}

/** `yaml: line 3: could not find expected ':'`. */
function namedLine({ message }: PolicyProblem): Partial<PlaceInFile> {
  const [, line] = /\bline (\d+):/.exec(message) ?? [];
  return line === undefined ? {} : { row: Number(line) };
}
