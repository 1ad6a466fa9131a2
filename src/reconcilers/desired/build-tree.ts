/** YAML document to manifest tree: aliases expanded, `<<` merged, keys text and unique, every value with its place. */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import { resolveAnchors, type AliasTargets } from './anchors.js';
import { joinPath, type ManifestNode, type MapEntry, type MapNode } from './manifest-tree.js';
import type { ProblemLog } from './problem-log.js';

/** The manifest's root mapping, or undefined after saying what stands in the way. */
export function buildTree(root: ParsedNode, problems: ProblemLog): MapNode | undefined {
  const targets = resolveAnchors(root, problems);
  if (targets === undefined) return undefined;
  const tree = new TreeBuilder(targets, problems).build(root, '');
  if (tree.kind === 'map') return tree;
  problems.error(tree, `must be a mapping (got ${tree.kind === 'list' ? 'a list' : 'text'})`);
  return undefined;
}

class TreeBuilder {
  readonly #targets: AliasTargets;
  readonly #problems: ProblemLog;

  constructor(targets: AliasTargets, problems: ProblemLog) {
    this.#targets = targets;
    this.#problems = problems;
  }

  build(node: unknown, path: string): ManifestNode {
    const target = this.#follow(node);
    const offset = offsetOf(target);
    if (isMap(target)) return { kind: 'map', offset, path, entries: this.#buildEntries(target, path) };
    if (isSeq(target)) {
      return {
        kind: 'list',
        offset,
        path,
        items: target.items.map((item, i) => this.build(item, `${path}[${i}]`)),
      };
    }
    return { kind: 'scalar', offset, path, ...readScalar(target) };
  }

  #follow(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  #buildEntries(map: YAMLMap, path: string): Map<string, MapEntry> {
    const entries = new Map<string, MapEntry>();
    const merges: unknown[] = [];
    for (const pair of map.items) {
      if (isMergeKey(pair)) merges.push(pair.value);
      else this.#addEntry(entries, pair, path);
    }
    for (const merge of merges) this.#merge(entries, merge, path);
    return entries;
  }

  #addEntry(entries: Map<string, MapEntry>, pair: Pair, path: string): void {
    const name = keyText(pair.key);
    if (name === undefined) {
      this.#problems.error({ offset: offsetOf(pair.key), path }, 'has a key that is not plain text');
      return;
    }
    const key = { offset: offsetOf(pair.key), path: joinPath(path, name) };
    const first = entries.get(name);
    if (first === undefined) entries.set(name, { key, node: this.#buildValue(pair, key.path) });
    else this.#problems.error(key, `is given twice, first on line ${this.#lineOf(first.key.offset)}`);
  }

  /** A key without a value stands where the key does. */
  #buildValue(pair: Pair, path: string): ManifestNode {
    const node = this.build(pair.value, path);
    const isMissing = node.kind === 'scalar' && node.value === null && node.text === '';
    return isMissing ? { ...node, offset: offsetOf(pair.key) } : node;
  }

  /** As YAML's merge key says: what is there wins, and the earlier of several sources. */
  #merge(entries: Map<string, MapEntry>, source: unknown, path: string): void {
    const target = this.#follow(source);
    if (isSeq(target)) {
      for (const item of target.items) this.#merge(entries, item, path);
    } else if (isMap(target)) {
      for (const [name, entry] of this.#buildEntries(target, path)) {
        if (!entries.has(name)) entries.set(name, entry);
      }
    } else {
      this.#problems.error({ offset: offsetOf(source), path }, 'has a << that does not name a mapping');
    }
  }

  #lineOf(offset: number): number {
    return this.#problems.lines.linePos(offset).line;
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<';
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const text = typeof key.value === 'string' ? key.value : key.source;
  return text === undefined || text === '' ? undefined : text;
}

function readScalar(node: unknown): { value: string | number | boolean | null; text: string } {
  if (!isScalar(node)) return { value: null, text: '' };
  const { value, source } = node;
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { value: isPlain ? value : null, text: source ?? String(value ?? '') };
}
