/** Follows YAML anchors in the order of the text and measures what aliases expand to, before anything is expanded. */
import { isAlias, isMap, isPair, isScalar, isSeq, type Alias, type Node } from 'yaml';
import type { ProblemLog } from './problem-log.js';

const MAX_VALUES = 300_000;
const MAX_DEPTH = 40;

export type AliasTargets = ReadonlyMap<Alias, Node>;

interface Extent {
  /** Values after expansion, the node itself included. */
  readonly values: number;
  readonly depth: number;
}

/** What every alias stands for, or undefined after saying why the document cannot be expanded (unknown, endless or huge). */
export function resolveAnchors(root: Node, problems: ProblemLog): AliasTargets | undefined {
  const survey = new AnchorSurvey(problems);
  const extent = survey.measure(root, 0);
  if (problems.hasErrors) return undefined;
  if (extent.values > MAX_VALUES) {
    problems.error(undefined, `has too many values once its aliases are expanded: at most ${MAX_VALUES}`);
  } else if (extent.depth > MAX_DEPTH) {
    problems.error(undefined, `is nested too deeply: at most ${MAX_DEPTH} levels`);
  }
  return problems.hasErrors ? undefined : survey.targets;
}

class AnchorSurvey {
  readonly targets = new Map<Alias, Node>();
  readonly #anchors = new Map<string, Node>();
  readonly #extents = new Map<Node, Extent>();
  readonly #problems: ProblemLog;

  constructor(problems: ProblemLog) {
    this.#problems = problems;
  }

  measure(node: unknown, level: number): Extent {
    if (isAlias(node)) return this.#measureAlias(node);
    // What is deeper than allowed anyway need not be measured, and must not overflow our own stack.
    if (level > MAX_DEPTH || !(isScalar(node) || isMap(node) || isSeq(node))) return { values: 1, depth: 1 };
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#remember(node, { values: 1, depth: 1 });
    let values = 1;
    let depth = 0;
    for (const child of childrenOf(node)) {
      const extent = this.measure(child, level + 1);
      values = Math.min(values + extent.values, Number.MAX_SAFE_INTEGER);
      depth = Math.max(depth, extent.depth);
    }
    return this.#remember(node, { values, depth: depth + 1 });
  }

  #remember(node: Node, extent: Extent): Extent {
    if ((node as { anchor?: string }).anchor !== undefined) this.#extents.set(node, extent);
    return extent;
  }

  #measureAlias(alias: Alias): Extent {
    const target = this.#anchors.get(alias.source);
    const extent = target && this.#extents.get(target);
    if (target !== undefined && extent !== undefined) {
      this.targets.set(alias, target);
      return extent;
    }
    const place = { offset: alias.range?.[0] ?? 0, path: '' };
    const reason = target === undefined ? 'is not defined above it' : 'contains itself';
    // The name stays untold: it may be a password that begins with *.
    this.#problems.error(
      place,
      `has an alias (*) whose anchor ${reason}; a value that begins with * needs quotes`,
    );
    return { values: 1, depth: 1 };
  }
}

function childrenOf(node: { items: readonly unknown[] }): unknown[] {
  return node.items.flatMap((item) => (isPair(item) ? [item.key, item.value] : [item]));
}
