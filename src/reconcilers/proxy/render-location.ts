/** One route: which upstream its requests go to, and what goes with them there and back. */
import type { ProxyModel, RouteModel, TrackModel } from '../plan/proxy-model.js';
import { indent } from './lines.js';
import { upstreamName, variableOf } from './proxy-words.js';
import { isJudged, judgeLogs } from './render-judge-log.js';
import { hasStandIns, standInLocation, standInPages } from './render-stand-in.js';
import { isSplit, isSticky, serving } from './split-route.js';

/**
 * A killed container refuses nothing: for a moment its address swallows all that is sent to it, and its users wait for this long until
 * stable stands in. One lost packet is sent again after 1 s.
 */
const STAND_IN_AFTER_S = 2;

export function location(model: ProxyModel, route: RouteModel): string[] {
  const around = [...answering(route), ...forwarding(model, route)];
  const standIn = serving(route) === undefined ? [] : standInLocation(model, route, around);
  return [...locationAt(route.path, model, route), ...standIn];
}

/** `path`: also one at which the route answers though nginx would not look for it there (`= /path`). */
export function locationAt(path: string, model: ProxyModel, route: RouteModel): string[] {
  const track = serving(route);
  const service = `set $swiftdeploy_service '${route.service}';`;
  if (track === undefined) return block(path, [service, 'return 503;']);
  const target = `proxy_pass http://${targetOf(model, route, track)};`;
  const pages = standInPages(model, route);
  const ways = [...answering(route), ...pages, target, ...forwarding(model, route)];
  return block(path, [service, ...placed(route, track), ...ways]);
}

function block(path: string, lines: readonly string[]): string[] {
  return [`location ${path} {`, ...indent(lines), '}'];
}

/** What the error pages, which serve all routes, have to know of this one. */
function placed(route: RouteModel, { track }: TrackModel): string[] {
  return [
    ...(isJudged(route)
      ? [`set $swiftdeploy_track ${isSplit(route) ? variableOf('track', route) : track};`]
      : []),
    ...(isSticky(route) ? [`set $swiftdeploy_cookie ${variableOf('cookie', route)};`] : []),
  ];
}

/** Headers that one location adds replace those of the server around it. */
function answering(route: RouteModel): string[] {
  const cookie = [
    'add_header X-Deployed-By swiftdeploy always;',
    'add_header Set-Cookie $swiftdeploy_cookie always;',
  ];
  return [...(isSticky(route) ? cookie : []), ...judgeLogs([route])];
}

function targetOf(model: ProxyModel, route: RouteModel, track: TrackModel): string {
  if (!isSplit(route)) return `${model.resolvesUpstreams ? '' : '$'}${upstreamName(route, track)}`;
  if (!model.resolvesUpstreams) return variableOf('server', route);
  return upstreamName(route, { track: variableOf('track', route) });
}

function forwarding(model: ProxyModel, route: RouteModel): string[] {
  const timeout = durationText(model.timeoutSeconds);
  return [
    'proxy_http_version 1.1;',
    'proxy_set_header Host $forwarded_host;',
    'proxy_set_header Connection $connection_header;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $forwarded_proto;',
    'proxy_set_header X-Forwarded-Host $forwarded_host;',
    `proxy_connect_timeout ${durationText(connectSeconds(model, route))};`,
    `proxy_send_timeout ${timeout};`,
    `proxy_read_timeout ${timeout};`,
  ];
}

function connectSeconds(model: ProxyModel, route: RouteModel): number {
  const { timeoutSeconds } = model;
  return hasStandIns(model, route) ? Math.min(timeoutSeconds, STAND_IN_AFTER_S) : timeoutSeconds;
}

/** nginx takes no fractions. */
function durationText(seconds: number): string {
  return Number.isInteger(seconds) ? `${String(seconds)}s` : `${String(Math.round(seconds * 1000))}ms`;
}
