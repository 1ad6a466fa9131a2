/** Who has the name that a container of ours needs. */
import type Docker from 'dockerode';
import { LABEL } from '../plan/container-template.js';
import { ForeignClaim, orAbsent } from './engine-errors.js';

export function holderOf(docker: Docker, name: string): Promise<Docker.ContainerInspectInfo | undefined> {
  return orAbsent(() => docker.getContainer(name).inspect());
}

/** Its name will be free in a moment: it can neither be taken for the new one nor be blamed. */
export function isOnItsWayOut({ State }: Docker.ContainerInspectInfo): boolean {
  return State.Status === 'removing';
}

/** Absent where the holder is this stack's own. */
export function nameClaim(
  holder: Docker.ContainerInspectInfo,
  name: string,
  ofStack: string | undefined,
): ForeignClaim | undefined {
  if (holder.Config.Labels?.[LABEL.stack] === ofStack) return undefined;
  const message = `a container named ${name} exists (image ${holder.Config.Image}) and is not this stack's; rename or remove it`;
  return new ForeignClaim('container', name, message);
}

/** Why a container could not be renamed; absent where nobody but its own stack has the name. */
export async function renameClaim(
  docker: Docker,
  id: string,
  name: string,
): Promise<ForeignClaim | undefined> {
  const [renamed, holder] = await Promise.all([holderOf(docker, id), holderOf(docker, name)]);
  if (renamed === undefined || holder === undefined || isOnItsWayOut(holder)) return undefined;
  return nameClaim(holder, name, renamed.Config.Labels?.[LABEL.stack]);
}
