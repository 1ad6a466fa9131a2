/** A name for the record, not a proof: behind sudo it is the person's. */
import { hostname, userInfo } from 'node:os';
import { shownText } from '../../reconcilers/policy/override.js';

/** `user@host`. */
export function whoAsks(): string {
  return shownText(`${userName()}@${hostname()}`);
}

function userName(): string {
  const { SUDO_USER: behind = '' } = process.env;
  if (behind !== '' && process.getuid?.() === 0) return behind;
  try {
    return userInfo().username;
  } catch {
    return `uid ${String(process.getuid?.() ?? '?')}`; // a user without an entry, as in a container
  }
}
