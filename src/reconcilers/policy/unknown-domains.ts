/** Domains that the manifest limits and that no policy has: nobody would hold anything against those thresholds. */
import { suggestWord } from '../desired/suggest-word.js';

/** A sentence for each; `limits` by domain. */
export function unknownDomains(
  limits: Readonly<Record<string, unknown>>,
  known: readonly string[],
): readonly { readonly domain: string; readonly sentence: string }[] {
  const unknown = Object.keys(limits).filter((domain) => !known.includes(domain));
  return unknown.map((domain) => ({ domain, sentence: sentenceOf(domain, known) }));
}

function sentenceOf(domain: string, known: readonly string[]): string {
  const nearest = suggestWord(domain, known);
  const hint = nearest === undefined ? `the domains are ${known.join(', ')}` : `did you mean ${nearest}?`;
  return `the manifest has thresholds under policy.${domain}, which is no domain of the policies: ${hint}`;
}
