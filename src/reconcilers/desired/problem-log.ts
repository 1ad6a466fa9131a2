/** Collects every problem of one manifest and gives each its line and column; never stops at the first. */
import { LineCounter } from 'yaml';
import type { ManifestProblem } from './manifest-problem.js';

/** Where something stands: an offset into the text, and the dotted path as the person wrote it. */
export interface Place {
  readonly offset: number;
  readonly path: string;
}

export class ProblemLog {
  readonly lines = new LineCounter();
  readonly #file: string;
  #failed = false;
  readonly #found = new Map<string, ManifestProblem>();

  constructor(file: string) {
    this.#file = file;
  }

  get hasErrors(): boolean {
    return this.#failed;
  }

  /** What makes the manifest unusable; without a place it is about the file as a whole. */
  error(place: Place | undefined, message: string): void {
    this.#add('error', place, { message });
  }

  /** What has to be there and is not; `path` names it. */
  missing(place: Place): void {
    this.#add('error', place, { message: 'is required', rule: 'required' });
  }

  /** What works but should be written otherwise. */
  warning(place: Place, message: string): void {
    this.#add('warning', place, { message });
  }

  /** In the order of the text, each once. What is refused is not advised upon too: the advice may be refused as well. */
  all(): ManifestProblem[] {
    const found = [...this.#found.values()];
    const refused = new Set(found.filter(({ severity }) => severity === 'error').map(placeOf));
    return found
      .filter((problem) => problem.severity === 'error' || !refused.has(placeOf(problem)))
      .sort(byPosition);
  }

  #add(
    severity: ManifestProblem['severity'],
    place: Place | undefined,
    what: Pick<ManifestProblem, 'message' | 'rule'>,
  ): void {
    this.#failed ||= severity === 'error';
    const position = place && this.lines.linePos(place.offset);
    const problem: ManifestProblem = {
      severity,
      file: this.#file,
      ...(position && { line: position.line, column: position.col }),
      path: place?.path ?? '',
      ...what,
    };
    this.#found.set(JSON.stringify(problem), problem);
  }
}

function byPosition(a: ManifestProblem, b: ManifestProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function placeOf({ line, column, path }: ManifestProblem): string {
  return `${String(line)}:${String(column)} ${path}`;
}
