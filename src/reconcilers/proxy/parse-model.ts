/** A proxy model as text, read back with care: what stands in a container may have been edited by anybody. */
import type { ProxyModel, RouteModel, ServerModel, SplitModel, TrackModel } from '../plan/proxy-model.js';

/** Absent for anything that is not a whole model. */
export function parseModel(text: string): ProxyModel | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isModel(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isModel(value: unknown): value is ProxyModel {
  const model = value as Partial<ProxyModel> | null;
  if (typeof model !== 'object' || model === null) return false;
  const texts = [model.stack, model.contact].every((text) => typeof text === 'string');
  const numbers = [model.timeoutSeconds, model.drainSeconds].every((number) => typeof number === 'number');
  const flags = [model.keepaliveMinTimeout, model.resolvesUpstreams].every(
    (flag) => typeof flag === 'boolean',
  );
  return texts && numbers && flags && isListOf(model.routes, isRoute);
}

function isRoute(route: Partial<RouteModel>): boolean {
  const hasHost = route.host === undefined || typeof route.host === 'string';
  return (
    hasHost &&
    typeof route.service === 'string' &&
    typeof route.path === 'string' &&
    isListOf(route.tracks, isTrack) &&
    (route.split === undefined || isSplit(route.split))
  );
}

function isSplit(value: unknown): value is SplitModel {
  const split = value as Partial<SplitModel> | null;
  if (typeof split !== 'object' || split === null) return false;
  const { sticky, header, judged } = split;
  const isHeader =
    header === undefined || (typeof header === 'string' && /^[A-Za-z][A-Za-z0-9-]*$/.test(header));
  return isHeader && judged === true && (sticky === 'cookie' || sticky === 'ip' || sticky === 'off');
}

function isTrack({ track, weight, servers }: Partial<TrackModel>): boolean {
  return (
    (track === 'stable' || track === 'canary') && typeof weight === 'number' && isListOf(servers, isServer)
  );
}

function isServer({ address, port }: Partial<ServerModel>): boolean {
  return typeof address === 'string' && /^[0-9a-f]{12}$/.test(address) && typeof port === 'number';
}

function isListOf<T extends object>(value: unknown, isItem: (item: Partial<T>) => boolean): boolean {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => typeof item === 'object' && item !== null && isItem(item as Partial<T>))
  );
}
