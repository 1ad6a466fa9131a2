/**
 * Values that two data files both have. OPA merges all of them, each below its folder, takes no value twice, and names neither the value
 * nor the other file. What cannot be parsed is left to whoever refuses it. Pure.
 */
import { parse } from 'yaml';
import { nestsTooDeeply } from '../desired/nesting.js';
import { asObject, parseJson, type JsonObject } from './json-value.js';
import type { PolicyFile } from './policy-files.js';
import { PolicySetError } from './policy-set-error.js';

/** What was merged so far, by key; `below` only where it is an object. */
type Merged = Map<string, { readonly file: string; readonly below?: Merged }>;

/** Throws a `PolicySetError` for the first. */
export function refuseClashes(dataFiles: readonly PolicyFile[]): void {
  const all: Merged = new Map();
  for (const file of dataFiles) merge(all, { file: file.path, at: [], value: belowItsFolder(file) });
}

interface Part {
  readonly file: string;
  /** Keys that lead there. */
  readonly at: readonly string[];
  readonly value: JsonObject;
}

function merge(into: Merged, { file, at, value }: Part): void {
  for (const [key, inner] of Object.entries(value)) {
    const known = into.get(key);
    const object = asObject(inner);
    const path = [...at, key];
    if (known !== undefined && (object === undefined || known.below === undefined))
      throw clash(file, known.file, path);
    const below = known?.below ?? new Map();
    if (known === undefined) into.set(key, object === undefined ? { file } : { file, below });
    if (object !== undefined) merge(below, { file, at: path, value: object });
  }
}

function clash(file: string, other: string, path: readonly string[]): PolicySetError {
  const sentence = `\`data.${path.join('.')}\` is in ${other}, too: OPA merges data files and takes no value twice; keep it in one of them`;
  return new PolicySetError('bad-data', file, sentence);
}

function belowItsFolder({ path, content }: PolicyFile): JsonObject {
  const folders = path.split('/').slice(0, -1);
  const value = asObject(path.endsWith('.json') ? parseJson(content) : parseYaml(content.toString('utf8')));
  return value === undefined
    ? {}
    : folders.reduceRight<JsonObject>((inner, name) => ({ [name]: inner }), value);
}

function parseYaml(text: string): unknown {
  if (nestsTooDeeply(text)) return undefined;
  try {
    return parse(text, { logLevel: 'error' });
  } catch {
    return undefined;
  }
}
