/** "Did you mean": the known word that a misspelt one is nearest to. */
import { closest, distance } from 'fastest-levenshtein';

/** The word that what was written starts with (environment: env), else the nearest within a slip or two. */
export function suggestWord(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || written.length > 64) return undefined;
  const start = known.find((word) => word.length >= 3 && written.toLowerCase().startsWith(word));
  if (start !== undefined) return start;
  const nearest = closest(written.toLowerCase(), known);
  const slips = distance(written.toLowerCase(), nearest);
  return slips <= Math.min(3, Math.ceil(nearest.length / 3)) ? nearest : undefined;
}
