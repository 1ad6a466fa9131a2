/** A manifest's text as it is edited in place: where a service stands in it, and the bytes with a few places replaced. Pure. */
import { isMap, isScalar, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import { buildTree } from '../../reconcilers/desired/build-tree.js';
import { serviceNodes } from '../../reconcilers/desired/manifest-services.js';
import { parseYaml } from '../../reconcilers/desired/parse-yaml.js';
import { ProblemLog } from '../../reconcilers/desired/problem-log.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';

/** Replace `text[start, end)` by `by`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

const BOM = '\ufeff';

/** Without a byte order mark. */
export function textOf(bytes: Buffer): string {
  const whole = bytes.toString('utf8');
  return whole.startsWith(BOM) ? whole.slice(BOM.length) : whole;
}

/** Edits of `textOf(bytes)` that do not overlap; a byte order mark stays. */
export function editedBytes(bytes: Buffer, edits: readonly TextEdit[]): Buffer {
  const bom = bytes.toString('utf8').startsWith(BOM) ? BOM : '';
  const fromTheEnd = edits.toSorted((left, right) => right.start - left.start);
  const edited = fromTheEnd.reduce(
    (text, { start, end, by }) => `${text.slice(0, start)}${by}${text.slice(end)}`,
    textOf(bytes),
  );
  return Buffer.from(bom + edited);
}

/** Counts from 1. */
export function lineOf(text: string, { start }: Pick<TextEdit, 'start'>): number {
  return text.slice(0, start).split('\n').length;
}

/** The service's own mapping in the text; undefined where an alias stands for it. */
export function serviceMap(text: string, service: string): YAMLMap | undefined {
  const problems = new ProblemLog('manifest');
  const root = parseYaml(text, problems);
  const tree = root && buildTree(root, problems);
  const found = tree && serviceNodes(tree).find(({ name }) => name === service);
  const services = isMap(root) ? root.items.find((item) => keyOf(item) === 'services')?.value : undefined;
  if (found === undefined || !isMap(services)) return undefined;
  const candidates: unknown[] = [services, ...services.items.map(({ value }) => value)];
  return candidates.find(
    (node): node is YAMLMap => isMap(node) && (node as ParsedNode).range[0] === found.node.offset,
  );
}

export function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : undefined;
}

/** To compare a stack with one that comes from a file. */
export function asPlain(stack: StackSpec): unknown {
  return JSON.parse(JSON.stringify(stack));
}
