/** A proxy model as comments at the top of the configuration that is made of it, to be read back from the container. Pure. */
import { canonicalJson } from '../desired/canonical-json.js';
import type { ProxyModel } from '../plan/proxy-model.js';
import { parseModel } from './parse-model.js';

const MODEL_LINE = '# swiftdeploy-model ';
/** nginx reads 4,096 bytes at a time and refuses a comment that is longer. */
const PIECE_BYTES = 4000;
const NOT_ASCII = /[^\x20-\x7e]/g;

export function modelLines(model: ProxyModel): string[] {
  const text = canonicalJson(model).replace(NOT_ASCII, escaped);
  return Array.from(
    { length: Math.ceil(text.length / PIECE_BYTES) },
    (_, index) => MODEL_LINE + text.slice(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
  );
}

/** As JSON writes it: a byte for a character, wherever the text is cut. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The model that a configuration file names, whatever became of the rest of it. */
export function modelInLines(config: string): ProxyModel | undefined {
  const pieces: string[] = [];
  for (const line of config.split('\n')) {
    if (!line.startsWith(MODEL_LINE)) break;
    pieces.push(line.slice(MODEL_LINE.length));
  }
  return pieces.length === 0 ? undefined : parseModel(pieces.join(''));
}
