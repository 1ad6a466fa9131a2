/** Why nothing may be changed from a folder, and the cure; commands refuse with it, checks show it. */
import { CommandError } from './exit.js';

export interface Objection {
  readonly found: string;
  readonly cure: string;
}

/** Throws where there is one. */
export function refuseFor(objection: Objection | undefined): void {
  if (objection === undefined) return;
  throw new CommandError(`${objection.found}: ${objection.cure}. Nothing was changed.`);
}
