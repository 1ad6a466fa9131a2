/** What the check of a signature comes to, and the words for it. */

export type RefusalReason = 'Unsigned' | 'UnknownKey' | 'Expired' | 'Revoked' | 'BadSignature' | 'NoKeys';

export interface Refusal {
  readonly ok: false;
  readonly reason: RefusalReason;
  /** What was found and what to do about it, in one sentence. */
  readonly message: string;
}

/** `signer`: the principal or user id, and the key's fingerprint; safe to print. */
export type Verification = { readonly ok: true; readonly signer: string } | Refusal;

export function refused(reason: RefusalReason, message: string): Refusal {
  return { ok: false, reason, message: shown(message) };
}

export function signedBy(who: string, fingerprint: string): Verification {
  return { ok: true, signer: shown(`${who} (${fingerprint})`) };
}

const MAX_SHOWN_CHARACTERS = 500;

/** On one line, without what steers a terminal: names come from keys and repositories. */
function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, MAX_SHOWN_CHARACTERS);
}
