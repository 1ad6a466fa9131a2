/** Who shows what to whom: one key of the stack, and of it a token for each policy engine, which no other engine listens to. */
import { createHmac } from 'node:crypto';

/**
 * The token of the policy engine in the container with this id: 256 bits (base64url), the same again after a restart or a crash of
 * whoever asks. `key`: the stack's, never shown to anybody.
 */
export function instanceToken(key: string, containerId: string): string {
  return createHmac('sha256', key).update(`policy engine ${containerId}`).digest('base64url');
}
