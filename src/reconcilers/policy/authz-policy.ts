/** Who may say what to OPA: the `system.authz` policy of a stack. It knows the digest of the token, never the token. */
import { createHash, randomBytes } from 'node:crypto';

/** A fresh bearer token of 256 random bits, safe in a header and in a file name. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 (hex) of a token: all that OPA is ever given of it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Rego that lets the token's owner ask decisions, lets anybody ask for health, and refuses everything else.
 * The digest is a constant of the rule, not data: no data file of a policy set can then stand in for it.
 */
export function authzPolicy(digest: string): string {
  return readerPolicy([`crypto.sha256(input.identity) == ${JSON.stringify(digest)}`]);
}

/** The same for an OPA without a token: whoever reaches it may ask, and still nobody may change anything. */
export function openAuthzPolicy(): string {
  return readerPolicy([]);
}

function readerPolicy(proofs: readonly string[]): string {
  return `package system.authz

import rego.v1

default allow := false

allow if {
	input.method == "GET"
	input.path == ["health"]
}

allow if {
	input.method == "POST"
	array.slice(input.path, 0, 2) == ["v1", "data"]
	count(input.path) > 3
	input.path[count(input.path) - 1] == "decision"
${proofs.map((proof) => `\t${proof}\n`).join('')}}
`;
}
