/** A METADATA comment as YAML, with places that are those of the Rego file. Pure. */
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { nestsTooDeeply } from '../desired/nesting.js';
import { PolicySetError, type PlaceInFile } from './policy-set-error.js';
import type { MetadataBlock } from './rego-metadata.js';

/** Its value, and where in the file each part of it stands; throws a `PolicySetError` for what is no YAML. */
export function readMetadata(path: string, block: MetadataBlock) {
  if (nestsTooDeeply(block.text)) throw refusedMetadata(path, block, 'the METADATA is nested too deeply');
  const lineCounter = new LineCounter();
  const document = parseDocument(block.text, { lineCounter, prettyErrors: false });
  const placeAt = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { row: block.row + line, column: (block.indents[line - 1] ?? 0) + col };
  };
  const [error] = document.errors;
  if (error !== undefined)
    throw refusedMetadata(path, placeAt(error.pos[0]), `the METADATA is not YAML: ${error.message}`);
  const placeOf = (...keys: readonly (string | number)[]) => {
    const node = document.getIn(keys, true);
    return placeAt(isNode(node) ? (node.range?.[0] ?? 0) : 0);
  };
  const keyPlaceOf = (parents: readonly string[], key: string) => {
    const map = document.getIn(parents, true);
    const pair = isMap(map) ? map.items.find((item) => String(item.key) === key) : undefined;
    return placeAt(isNode(pair?.key) ? (pair.key.range?.[0] ?? 0) : 0);
  };
  return { value: valueOf(document, path, block), placeOf, keyPlaceOf };
}

/** Throws for more aliases than anybody writes by hand. */
function valueOf(document: Document.Parsed, path: string, { row, column }: MetadataBlock): unknown {
  try {
    return document.toJS();
  } catch {
    throw refusedMetadata(
      path,
      { row, column },
      'the METADATA is not YAML that can be read: it refers to itself too often',
    );
  }
}

export function refusedMetadata(path: string, at: PlaceInFile, sentence: string): PolicySetError {
  return new PolicySetError('bad-metadata', path, sentence, at);
}
