/** What services and tracks are called inside nginx's configuration: one name for each, made of signs that nginx takes. */
import { createHash } from 'node:crypto';
import type { RouteModel, Track } from '../plan/proxy-model.js';

type Service = Pick<RouteModel, 'service'>;

/** `a-b` and `a_b` are two services. */
function wordOf({ service }: Service): string {
  return service.replace(/[^a-zA-Z0-9]/g, (sign) => `_${sign.charCodeAt(0).toString(16)}_`);
}

/** `track`: stable or canary, or the variable that holds one of the two. */
export function upstreamName(route: Service, { track }: { readonly track: Track | `$${string}` }): string {
  return `${wordOf(route)}_${track}`;
}

/** What it holds stands first, so that no service's name can make it one of nginx's own variables. */
export function variableOf(
  kind: 'id' | 'draw' | 'track' | 'server' | 'cookie',
  route: Service,
): `$${string}` {
  return `$swiftdeploy_${kind}_${wordOf(route)}`;
}

/** The location where stable stands in for the route's canary. */
export function standInName(route: Service): string {
  return `@swiftdeploy_stand_in_${wordOf(route)}`;
}

/** Cookies are shared between the ports of a host, and so between stacks; nginx compares their names without case. */
export function cookieName(stack: string, { service }: Service): string {
  const name = createHash('sha256').update(`${stack}\n${service}`).digest('hex').slice(0, 12);
  return `swiftdeploy_id_${name}`;
}
