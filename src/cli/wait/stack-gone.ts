/** Whether anything of a stack is left on the engine. */
import type { Session } from '../basics/session.js';
import type { Sight } from './condition-sight.js';

export async function goneSight({ engine }: Session, stack: string): Promise<Sight> {
  const { length } = await engine.listContainers(stack);
  if (length === 0) return { holds: true, words: `stack ${stack} is gone: none of its containers is left` };
  return { holds: false, words: `stack ${stack} is still there (containers: ${String(length)})` };
}
