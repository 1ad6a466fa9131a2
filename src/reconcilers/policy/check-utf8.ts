/** Bytes that are no UTF-8, and where: OPA reads another character in their place, and a rule of a deny list then never matches. Pure. */
import { isUtf8 } from 'node:buffer';
import { placeAt } from './place-in-file.js';
import type { PolicyFile } from './policy-files.js';
import { PolicySetError, type PlaceInFile } from './policy-set-error.js';

/** Throws a `PolicySetError` for the first. */
export function checkUtf8({ path, content }: PolicyFile): void {
  if (isUtf8(content)) return;
  const fault = path.endsWith('.rego') ? 'bad-rego' : 'bad-data';
  throw new PolicySetError(fault, path, 'is not UTF-8: save it in that encoding', firstFault(content));
}

const STAND_IN = '\uFFFD';
const STAND_IN_BYTES = Buffer.from(STAND_IN);

/** The first stand-in of the decoder that nobody wrote. */
function firstFault(content: Buffer): PlaceInFile {
  const text = content.toString('utf8');
  let at = text.indexOf(STAND_IN);
  for (let offset = byteAt(text, at); isWritten(content, offset); offset = byteAt(text, at))
    at = text.indexOf(STAND_IN, at + 1);
  return placeAt(text, at);
}

function isWritten(content: Buffer, offset: number): boolean {
  return content.subarray(offset, offset + STAND_IN_BYTES.length).equals(STAND_IN_BYTES);
}

/** Up to the first fault the text is what the bytes are. */
function byteAt(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index));
}
