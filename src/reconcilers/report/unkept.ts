/** What is said of the world while it cannot be kept: who starts next does not know of it. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import { fileWords } from '../../controller/file-words.js';
import { condition } from './condition.js';

/** These stand in the place of what was found; `error`: why history or notes are not on the disk. */
export function unkeptConditions(error: unknown): readonly ConditionInput[] {
  const why = fileWords(error) ?? (error instanceof Error ? error.message : String(error));
  const message = `what was done and decided cannot be kept, and is forgotten at the next start: ${why}`;
  return [
    condition('Ready', 'False', 'NotStored', message),
    condition('Stalled', 'True', 'NotStored', message),
  ];
}
