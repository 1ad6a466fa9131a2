/** What to say to whoever asks for a condition's reason, the word in brackets of `status`: the table of them is a page of the docs. Pure. */
import { findField } from './find-field.js';

/** Undefined for what is no reason by its form, or a key but for its capitals. */
export function reasonWords(typed: string): string | undefined {
  if (!/^[A-Z][A-Za-z]+$/.test(typed) || findField(typed.toLowerCase()).kind === 'field') return undefined;
  return `there is no field, condition or event ${typed}: where it is a condition's reason, "Reasons" in docs/status.md says when it is given; "swiftdeploy explain conditions" tells what each condition means`;
}
