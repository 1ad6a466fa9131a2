/** The labels of one series in Prometheus' text format. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Where the labels that open at `start` end (one past the brace); -1 when they do not before `end`. Braces in values do not count. */
export function endOfLabels(text: string, start: number, end: number): number {
  let isQuoted = false;
  for (let at = start + 1; at < end; at += 1) {
    const sign = text.charCodeAt(at);
    if (isQuoted && sign === BACKSLASH) at += 1;
    else if (sign === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && sign === CLOSE) return at + 1;
  }
  return -1;
}

/** Of `{a="b",c="d"}`, escapes undone; undefined when it is not of that form. */
export function parseLabels(text: string): ReadonlyMap<string, string> | undefined {
  const labels = new Map<string, string>();
  let rest = text.slice(1, -1).trimStart();
  while (rest !== '') {
    const equals = rest.indexOf('=');
    const name = rest.slice(0, Math.max(0, equals)).trim();
    const value = quotedAt(rest, equals + 1);
    if (!NAME.test(name) || value === undefined) return undefined;
    labels.set(name, value.text);
    rest = rest.slice(value.end).trimStart();
    if (rest !== '' && !rest.startsWith(',')) return undefined;
    rest = rest.slice(1).trimStart();
  }
  return labels;
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' };

function quotedAt(text: string, start: number): { text: string; end: number } | undefined {
  const open = text.indexOf('"', start);
  if (open === -1 || text.slice(start, open).trim() !== '') return undefined;
  let value = '';
  for (let at = open + 1; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === '"') return { text: value, end: at + 1 };
    if (sign === '\\') {
      at += 1;
      value += ESCAPED[text.charAt(at)] ?? `\\${text.charAt(at)}`;
    } else value += sign;
  }
  return undefined;
}
