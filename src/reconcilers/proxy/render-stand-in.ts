/**
 * The last resort for users of a canary: nginx gives up on a request when the servers of an upstream change between two of its attempts,
 * as they do when a killed container's name goes, and stable's servers behind the canary are then not asked any more. Stable's own
 * upstream is.
 */
import type { ProxyModel, RouteModel } from '../plan/proxy-model.js';
import { indent, table } from './lines.js';
import { standInName, upstreamName } from './proxy-words.js';
import { isSplit } from './split-route.js';

/** An older nginx has no upstreams, and nobody who could stand in. */
export function hasStandIns(model: ProxyModel, route: RouteModel): boolean {
  return model.resolvesUpstreams && isSplit(route);
}

/** Whether nginx was left without anybody to ask, and nothing was sent yet that must not be sent twice. */
export function standInTable(model: ProxyModel): string[] {
  if (!model.routes.some((route) => hasStandIns(model, route))) return [];
  return table('map "$upstream_addr|$request_method|$upstream_connect_time" $swiftdeploy_stands_in', [
    String.raw`"~_canary\|(POST|LOCK|PATCH)\|.*[0-9]" ''`,
    String.raw`"~_canary\|" 1`,
    "default ''",
  ]);
}

/** In the route's location; what a location says of error pages replaces all that the server says. */
export function standInPages(model: ProxyModel, route: RouteModel): string[] {
  if (!hasStandIns(model, route)) return [];
  return [
    // Else what the stand-in cannot answer would be answered without a page of ours.
    'recursive_error_pages on;',
    `error_page 502 = ${standInName(route)};`,
    'error_page 503 @swiftdeploy_503;',
    'error_page 504 @swiftdeploy_504;',
  ];
}

/** `around`: what goes with each request of the route, there and back. */
export function standInLocation(model: ProxyModel, route: RouteModel, around: readonly string[]): string[] {
  if (!hasStandIns(model, route)) return [];
  return [
    `location ${standInName(route)} {`,
    ...indent([
      "if ($swiftdeploy_stands_in = '') { return 502; }",
      `proxy_pass http://${upstreamName(route, { track: 'stable' })};`,
      ...around,
    ]),
    '}',
  ];
}
