/** What to say about a key that the schema does not know: not yet supported, another tool's, misspelt, in the wrong place, or just unknown. */
import type { AnySchemaObject } from 'ajv';
import { SECTION_KEYS } from './manifest-schema.js';
import { suggestWord } from './suggest-word.js';

/** The sentence for `key`, found where only the keys of `schema` may stand. */
export function unknownKeySentence(key: string, schema: AnySchemaObject): string {
  const notYet = (schema['x-not-yet'] ?? []) as readonly string[];
  if (notYet.includes(key)) return 'is not supported yet';
  const instead = (schema['x-instead'] ?? {}) as Readonly<Record<string, string>>;
  if (Object.hasOwn(instead, key)) return `is Compose's: ${instead[key] ?? ''}`;
  const known = Object.keys((schema['properties'] ?? {}) as object);
  const near = suggestWord(key, known);
  if (near !== undefined) return `is not a known key, did you mean \`${near}\`?`;
  const home = Object.keys(SECTION_KEYS).find((section) => SECTION_KEYS[section]?.includes(key));
  return home === undefined ? 'is not a known key' : `is not a known key here: it belongs under ${home}`;
}
