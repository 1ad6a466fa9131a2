/** Tells who starts a controller that its notes are lost: how it goes on could surprise them. */
import { existsSync } from 'node:fs';
import type { UnreadNotes } from '../../reconcilers/stack-state.js';

/** Absent where nothing was lost: a stack without status has no notes yet, or was torn down with them. */
export function lostNotesWords({ path, isDamaged }: UnreadNotes, statusPath: string): string | undefined {
  if (!isDamaged && !existsSync(statusPath)) return undefined;
  const what = isDamaged ? `${path} is damaged` : `${path} is gone, though ${statusPath} is there`;
  return `${what}: what served before, what failed and how far a canary was is forgotten; what runs is taken as it is, and a canary begins at its first step`;
}
