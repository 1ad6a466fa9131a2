/** One sentence about one place in a manifest, printed as `manifest.yaml:12:9 services.port must be <= 65535 (got 70000)`. */
export interface ManifestProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** 1-based; absent when the file has no lines to name (missing, binary, too large). */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** Dotted path, empty for the whole document. */
  readonly path: string;
  /** The rule in words, with the value found and, where one is near, "did you mean". */
  readonly message: string;
  /** Set where the problem is that something has to be there and is not. */
  readonly rule?: 'required';
}

/** Renders one problem as one line of text. */
export function formatProblem(problem: ManifestProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const subject = problem.path === '' ? '' : `${problem.path} `;
  return `${place} ${subject}${problem.message}`;
}
