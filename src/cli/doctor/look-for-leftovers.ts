/** Asks the engine for everybody's parts, and the locks for who is still at work. */
import { controllerOf } from '../basics/lock.js';
import type { OpenEngine } from '../checks/engine-access.js';
import type { Finding } from '../checks/finding.js';
import { judgeLeftovers, strangers } from './leftovers.js';

export async function lookForLeftovers(
  { engine, info }: OpenEngine,
  own: string | undefined,
): Promise<Finding> {
  const parts = await engine.listOwned();
  const stacks = strangers(parts, { own, controlled: new Set() }).map(([stack]) => stack);
  const holders = await Promise.all(stacks.map((stack) => controllerOf(info, stack)));
  const controlled = new Set(stacks.filter((_, index) => holders[index] !== undefined));
  return judgeLeftovers(parts, { own, controlled, now: info.systemTime });
}
