/** Bytes to text: refuses what cannot be a manifest (too large, not UTF-8, binary) before any parser sees it. */
import type { ProblemLog } from './problem-log.js';

export const MAX_MANIFEST_BYTES = 1024 * 1024;

/** The text without a byte order mark, or undefined after saying why not. */
export function decodeText(bytes: Uint8Array, problems: ProblemLog): string | undefined {
  const refusal = refuseSize(bytes) ?? refuseEncoding(bytes);
  if (refusal !== undefined) {
    problems.error(undefined, refusal);
    return undefined;
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  return hasForeignCharacter(text, problems) ? undefined : text;
}

function refuseSize(bytes: Uint8Array): string | undefined {
  if (bytes.length <= MAX_MANIFEST_BYTES) return undefined;
  return 'is too large for a manifest: more than 1 MiB';
}

function refuseEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const isBareUtf16 = bytes.length > 3 && ((second === 0 && fourth === 0) || (first === 0 && third === 0));
  if (isUtf16 || (isBareUtf16 && first !== second)) return 'is UTF-16 text: save it as UTF-8';
  const zero = bytes.indexOf(0);
  return zero === -1 ? undefined : `is not text: byte ${zero + 1} is NUL`;
}

/** Tab, line feed and carriage return are all the control characters that YAML knows. */
function hasForeignCharacter(text: string, problems: ProblemLog): boolean {
  const found = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.exec(text);
  if (found === null) return false;
  problems.lines.addNewLine(0);
  for (const line of text.slice(0, found.index).matchAll(/\n/g)) problems.lines.addNewLine(line.index + 1);
  const place = { offset: found.index, path: '' };
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0');
  if (found[0] === '\ufffd') problems.error(place, 'is not UTF-8 text from here on: save the file as UTF-8');
  else problems.error(place, `has the control character U+${code}: a manifest is plain text`);
  return true;
}
