/** Whether a stack of this name may be run from this folder: its notes are its own, and no other folder has the stack. */
import { copiedNotes } from '../basics/own-notes.js';
import type { Objection } from '../basics/objection.js';
import { otherHome } from '../basics/other-home.js';
import type { StackPaths } from '../basics/paths.js';
import { fail, NO_ENGINE, ok, type Finding } from '../checks/finding.js';
import type { EngineAccess } from '../checks/engine-access.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';

export async function lookAtFolder(
  access: EngineAccess,
  stack: Pick<StackSpec, 'name' | 'services'>,
  paths: StackPaths,
): Promise<Finding> {
  const copied = await copiedNotes(paths);
  if (copied !== undefined) return failed(copied);
  if (access.kind !== 'open') return NO_ENGINE;
  const other = await otherHome({ engine: access.engine, paths }, stack);
  return other === undefined ? ok(`no other folder runs stack ${stack.name}`) : failed(other);
}

function failed({ found, cure }: Objection): Finding {
  return fail(found, cure);
}
