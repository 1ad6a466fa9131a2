/** Where in a policy file something is written. Pure. */
import type { PolicyFile } from './policy-files.js';
import type { PlaceInFile } from './policy-set-error.js';

/** Of the first match, without the space before it; undefined where nothing matches. */
export function placeIn({ content }: PolicyFile, pattern: RegExp): PlaceInFile | undefined {
  const text = content.toString('utf8');
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const indent = match[0].length - match[0].trimStart().length;
  return placeAt(text, match.index + indent);
}

export function placeAt(text: string, index: number): PlaceInFile {
  const before = text.slice(0, index).split('\n');
  return { row: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Nothing but space and comments stands before it. */
export function packagePlace(file: PolicyFile): PlaceInFile | undefined {
  return placeIn(file, /^[^\S\n]*package\b/m);
}
