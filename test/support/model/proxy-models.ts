/** Proxy models for tests. */
import type {
  ProxyModel,
  RouteModel,
  ServerModel,
  SplitModel,
} from '../../../src/reconcilers/plan/proxy-model.js';

export function model(routes: readonly RouteModel[], change: Partial<ProxyModel> = {}): ProxyModel {
  return {
    stack: 'shop',
    contact: 'ops@example.com',
    timeoutSeconds: 30,
    drainSeconds: 10,
    keepaliveMinTimeout: true,
    resolvesUpstreams: true,
    routes,
    ...change,
  };
}

/** All traffic of a service to these servers, on its stable track. */
export function route(
  service: string,
  place: { readonly path: string; readonly host?: string },
  servers: readonly ServerModel[],
): RouteModel {
  const tracks = servers.length === 0 ? [] : [{ track: 'stable' as const, weight: 100, servers }];
  return { service, ...place, tracks };
}

/** The canary's share of the requests, beside stable. */
export function splitRoute(
  service: string,
  place: { readonly path: string; readonly host?: string },
  { stable, canary, weight, split = {} }: SplitOptions,
): RouteModel {
  const tracks = [
    { track: 'stable' as const, weight: 100 - weight, servers: stable },
    { track: 'canary' as const, weight, servers: canary },
  ];
  return { service, ...place, tracks, split: { sticky: 'cookie', judged: true, ...split } };
}

interface SplitOptions {
  readonly stable: readonly ServerModel[];
  readonly canary: readonly ServerModel[];
  readonly weight: number;
  readonly split?: Partial<SplitModel>;
}
