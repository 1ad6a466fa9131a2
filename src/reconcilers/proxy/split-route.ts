/** Which of a route's tracks take part: nginx knows a split only where two tracks have servers to choose from. */
import type { ProxyModel, RouteModel, SplitModel, TrackModel } from '../plan/proxy-model.js';

export interface SplitRoute extends RouteModel {
  readonly split: SplitModel;
}

export function isSplit(route: RouteModel): route is SplitRoute {
  return route.split !== undefined && serving(route) !== undefined && withServers(route).length > 1;
}

export function isSticky(route: RouteModel): boolean {
  return isSplit(route) && route.split.sticky === 'cookie';
}

/** An upstream without servers is none. */
export function withServers(route: RouteModel): readonly TrackModel[] {
  return route.tracks.filter(({ servers }) => servers.length > 0);
}

/** The first track that takes requests; absent when nobody does. */
export function serving(route: RouteModel): TrackModel | undefined {
  return withServers(route).find(({ weight }) => weight > 0);
}

export function splitRoutes(model: ProxyModel): readonly SplitRoute[] {
  return model.routes.filter(isSplit);
}
