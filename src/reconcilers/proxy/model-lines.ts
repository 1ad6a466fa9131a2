/** A proxy model as comments at the top of the configuration that is made of it, to be read back from the container. Pure. */
import { canonicalJson } from '../desired/canonical-json.js';
import type { ProxyModel } from '../plan/proxy-model.js';
import { parseModel } from './parse-model.js';

const MODEL_LINE = '# swiftdeploy-model ';
/** Characters. nginx reads 4,096 bytes at a time, refuses a comment that is longer, and a character has up to 4. */
const PIECE = /.{1,1000}/gsu;

export function modelLines(model: ProxyModel): string[] {
  const pieces = canonicalJson(model).match(PIECE) ?? [];
  return pieces.map((piece) => MODEL_LINE + piece);
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
