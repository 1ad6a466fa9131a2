/** Creating a container: who has its name already, and what the Engine will never make. */
import type Docker from 'dockerode';
import { imageReference, LABEL, type ContainerTemplate } from '../plan/container-template.js';
import { createOptions } from './create-options.js';
import { CreationRefused, orAbsent, reasonOf, statusOf } from './engine-errors.js';
import { holderOf, isOnItsWayOut, nameClaim } from './name-claim.js';

const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const CONFLICT = 409;

/**
 * Its id; that of our own container of an earlier attempt where that has the name. Throws `ForeignClaim` for somebody else's, and
 * `CreationRefused` for what the Engine will not make however often it is asked.
 */
export async function createContainer(docker: Docker, template: ContainerTemplate): Promise<string> {
  try {
    return (await docker.createContainer(createOptions(template))).id;
  } catch (error) {
    const holder = statusOf(error) === CONFLICT ? await holderOf(docker, template.name) : undefined;
    if (holder !== undefined && !isOnItsWayOut(holder)) return ownOrForeign(template, holder);
    throw (await isRefused(docker, template, error))
      ? new CreationRefused(reasonOf(error), { cause: error })
      : error;
  }
}

/** The name is taken: by our own container of an earlier attempt, which is as good, or by somebody else. */
function ownOrForeign({ name, labels }: ContainerTemplate, holder: Docker.ContainerInspectInfo): string {
  const claim = nameClaim(holder, name, labels[LABEL.stack]);
  if (claim === undefined) return holder.Id;
  throw claim;
}

/** An image that is gone by now is pulled again; a conflict without a holder was one of names, and may pass, as the Engine's own errors may. */
async function isRefused(docker: Docker, template: ContainerTemplate, error: unknown): Promise<boolean> {
  const status = statusOf(error);
  if (status !== NOT_FOUND) return status === BAD_REQUEST;
  return (await orAbsent(() => docker.getImage(imageReference(template)).inspect())) !== undefined;
}
