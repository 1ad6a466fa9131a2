/** Removing a container so that it is gone afterwards, its name free, whoever began it. */
import type Docker from 'dockerode';
import { already, orAbsent, statusOf } from './engine-errors.js';

const NOT_FOUND = 404;
const CONFLICT = 409;
/** How long the Engine may take for a removal that somebody else began; a large file system takes seconds. */
const REMOVAL_WAIT_MS = 30_000;

/** Its anonymous volumes go, too. What is gone already is as good. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await already([NOT_FOUND], () => container.remove({ force: true, v: true }));
  } catch (error) {
    if (statusOf(error) !== CONFLICT) throw error;
    await untilRemoved(container);
  }
}

/** Somebody else's removal is on its way: until its end the Engine keeps the name, and finds the container by it. */
async function untilRemoved(container: Docker.Container): Promise<void> {
  const limit = AbortSignal.timeout(REMOVAL_WAIT_MS);
  try {
    await orAbsent(() => container.wait({ condition: 'removed', abortSignal: limit }));
  } catch (cause) {
    if (!limit.aborted) throw cause;
    const waited = `${String(REMOVAL_WAIT_MS / 1000)} s`;
    throw new Error(`the engine did not end a removal of ${container.id} within ${waited}`, { cause });
  }
}
