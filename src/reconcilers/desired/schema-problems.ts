/** Turns what the schema validator says into problems that point at the line and name the rule, each cause once. */
import type { AnySchemaObject, ErrorObject } from 'ajv';
import { joinPath, type ManifestNode, type MapNode } from './manifest-tree.js';
import type { Place, ProblemLog } from './problem-log.js';
import { nearestAllowed, ruleInWords } from './rule-in-words.js';
import { gotValue } from './show-value.js';
import { unknownKeySentence } from './unknown-key.js';

/** Combining keywords only repeat what their parts have said. */
const ECHOES = new Set(['if', 'anyOf', 'oneOf', 'allOf', 'propertyNames']);

interface Found {
  readonly node: ManifestNode;
  /** The key that the value stands under; the value itself for the root and for items. */
  readonly key: Place;
}

/** Reports every error at the node that the person wrote. */
export function reportSchemaErrors(
  tree: MapNode,
  errors: readonly ErrorObject[],
  problems: ProblemLog,
): void {
  const decided = new Set(errors.filter(isDecisive).map(subjectOf));
  for (const error of errors) {
    const isEcho = ECHOES.has(error.keyword) || (!isDecisive(error) && decided.has(subjectOf(error)));
    if (!isEcho) reportError(find(tree, error.instancePath), error, problems);
  }
}

/** After these, what else is wrong with the same value is no news. */
function isDecisive({ keyword }: ErrorObject): boolean {
  return keyword === 'type' || keyword === 'minLength' || keyword === 'maxLength';
}

function subjectOf({ instancePath, propertyName }: ErrorObject): string {
  return propertyName === undefined ? instancePath : `${instancePath} key ${propertyName}`;
}

function reportError(found: Found, error: ErrorObject, problems: ProblemLog): void {
  const { node, key } = found;
  if (error.keyword === 'required') {
    const missing = error.params['missingProperty'] as string;
    problems.missing({ offset: key.offset, path: joinPath(node.path, missing) });
  } else if (error.keyword === 'additionalProperties') {
    const extra = error.params['additionalProperty'] as string;
    const sentence = unknownKeySentence(extra, error.parentSchema as AnySchemaObject);
    problems.error(keyPlace(node, extra), sentence);
  } else if (error.propertyName !== undefined) {
    problems.error(keyPlace(node, error.propertyName), ruleInWords(error, node));
  } else if (error.keyword === 'minProperties') {
    problems.error(node, error.parentSchema?.['x-rule'] as string);
  } else {
    problems.error(node, describe(error, node));
  }
}

function describe(error: ErrorObject, node: ManifestNode): string {
  const near = nearestAllowed(error, node);
  const isEmpty = node.kind === 'scalar' && node.value === null;
  const got = isEmpty ? '' : gotValue(node);
  return `${ruleInWords(error, node)}${got}${near === undefined ? '' : `, did you mean \`${near}\`?`}`;
}

function keyPlace(node: ManifestNode, key: string): Place {
  return (node.kind === 'map' ? node.entries.get(key)?.key : undefined) ?? node;
}

/** The node at a JSON pointer; the nearest above it where the schema's defaults have no place in the text. */
function find(tree: MapNode, pointer: string): Found {
  let found: Found = { node: tree, key: tree };
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = step(found.node, name) ?? found;
  }
  return found;
}

function step(node: ManifestNode, name: string): Found | undefined {
  if (node.kind === 'map') return node.entries.get(name);
  const item = node.kind === 'list' ? node.items[Number(name)] : undefined;
  return item && { node: item, key: item };
}
