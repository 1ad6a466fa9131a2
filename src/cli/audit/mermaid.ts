/** The highlights as a Mermaid timeline, a section per day. Pure; texts are cut down to what its grammar takes as text. */
import type { Listing } from './bounded.js';
import type { Entry } from './timeline.js';

const LONGEST_LABEL = 70;

/** A fenced block; undefined where there is nothing to draw. */
export function mermaidTimeline({ items }: Listing<Entry>): string | undefined {
  if (items.length === 0) return undefined;
  const lines: string[] = [];
  let day = '';
  for (const entry of items) {
    const at = placeOf(entry.from);
    if (at.day !== day) lines.push(`    section ${at.day}`);
    day = at.day;
    lines.push(`        ${at.time} : ${label(entry)}`);
  }
  return ['```mermaid', 'timeline', ...lines, '```'].join('\n');
}

function label({ words, count }: Entry): string {
  const whole = mermaidText(words) || 'something';
  const text = whole.length > LONGEST_LABEL ? `${whole.slice(0, LONGEST_LABEL).trim()}…` : whole;
  return count === 1 ? text : `${text} (${String(count)}×)`;
}

/** Colons part a timeline's fields, `#`, `;`, `%%` and braces are its syntax, angle brackets are HTML. */
export function mermaidText(text: string): string {
  return text
    .replaceAll(':', '∶')
    .replace(/[<>{}[\]]/g, (bracket) => BRACKETS[bracket] ?? ' ')
    .replace(/[^\p{L}\p{N} .,_/()=+!?'%×…–∶★↩✘⊘✎△✚▷□→-]+/gu, ' ')
    .replace(/%+/g, '%')
    .replace(/ {2,}/g, ' ')
    .trim();
}

const BRACKETS: Readonly<Record<string, string>> = {
  '<': '(',
  '>': ')',
  '{': '(',
  '}': ')',
  '[': '(',
  ']': ')',
};

function placeOf(timestamp: string): { readonly day: string; readonly time: string } {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) return { day: 'at no known time', time: 'then' };
  const iso = new Date(at).toISOString();
  const split = iso.indexOf('T');
  return { day: mermaidText(iso.slice(0, split)), time: mermaidText(iso.slice(split + 1, split + 9)) };
}
